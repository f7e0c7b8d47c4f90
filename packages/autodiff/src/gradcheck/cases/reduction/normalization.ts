import { float } from "@engraft/onnx";
import { frozen, type GradientCase, nonZero, positive, real } from "../../case.js";

/** Data with a scale and a bias a channel. */
const perChannel = (dims: readonly number[]) => [real(dims), real([dims[1]!]), real([dims[1]!])];

/** The same with stored statistics. */
const withStatistics = (dims: readonly number[]) => [
  ...perChannel(dims),
  real([dims[1]!]),
  positive([dims[1]!]),
];

const trained = {
  operator: "BatchNormalization",
  attributes: { training_mode: 1 },
  outputs: 3,
  read: [0],
  tolerance: 4e-3,
} as const;

export const normalizationCases: readonly GradientCase[] = [
  {
    operator: "BatchNormalization",
    name: "stored statistics, images",
    inputs: withStatistics([2, 3, 4, 2]),
    float64: true,
  },
  {
    operator: "BatchNormalization",
    name: "stored statistics, vectors",
    attributes: { epsilon: float(0.1) },
    inputs: withStatistics([4, 3]),
    float64: true,
  },
  {
    ...trained,
    name: "statistics of the batch, images",
    inputs: withStatistics([2, 3, 4, 2]).map((input, i) => (i < 3 ? input : frozen(input))),
  },
  {
    ...trained,
    name: "statistics of the batch, large images",
    inputs: withStatistics([2, 2, 15, 14]).map((input, i) => (i < 3 ? input : frozen(input))),
  },
  {
    ...trained,
    name: "statistics of the batch, vectors",
    inputs: withStatistics([6, 3]).map((input, i) => (i < 3 ? input : frozen(input))),
  },
  {
    ...trained,
    name: "statistics of the batch, which are the outputs",
    attributes: { training_mode: 1, momentum: float(0) },
    inputs: withStatistics([2, 3, 4, 2]).map((input, i) => (i < 3 ? input : frozen(input))),
  },
  {
    operator: "LayerNormalization",
    name: "last axis",
    inputs: [real([3, 2, 8]), real([8]), real([8])],
    float64: true,
    tolerance: 4e-3,
  },
  {
    operator: "LayerNormalization",
    name: "no bias",
    attributes: { epsilon: float(0.01) },
    inputs: [real([4, 6]), real([6])],
    float64: true,
    tolerance: 4e-3,
  },
  {
    operator: "LayerNormalization",
    name: "the last two axes",
    attributes: { axis: 1 },
    inputs: [real([3, 2, 4]), real([2, 4]), real([2, 4])],
    float64: true,
    tolerance: 4e-3,
  },
  {
    operator: "RMSNormalization",
    name: "last axis",
    opset: 23,
    inputs: [real([3, 2, 8]), real([8])],
    tolerance: 4e-3,
  },
  {
    operator: "SimplifiedLayerNormalization",
    name: "last axis",
    inputs: [real([3, 2, 8]), real([8])],
    tolerance: 4e-3,
  },
  {
    operator: "InstanceNormalization",
    name: "images",
    inputs: perChannel([2, 3, 4, 4]),
    tolerance: 4e-3,
  },
  {
    operator: "InstanceNormalization",
    name: "sequences",
    inputs: perChannel([2, 3, 8]),
    tolerance: 4e-3,
  },
  {
    operator: "GroupNormalization",
    name: "two groups of two channels",
    attributes: { num_groups: 2 },
    inputs: perChannel([2, 4, 3, 3]),
    tolerance: 4e-3,
  },
  {
    operator: "GroupNormalization",
    name: "one group",
    attributes: { num_groups: 1, epsilon: float(0.01) },
    inputs: perChannel([2, 4, 5]),
    tolerance: 4e-3,
  },
  {
    operator: "MeanVarianceNormalization",
    name: "over batch and positions",
    inputs: [real([2, 3, 4, 2])],
    tolerance: 4e-3,
  },
  {
    operator: "MeanVarianceNormalization",
    name: "chosen axes",
    attributes: { axes: [2, 3] },
    inputs: [real([2, 3, 4, 4])],
    tolerance: 4e-3,
  },
  {
    operator: "LpNormalization",
    name: "unit length",
    inputs: [real([3, 4])],
    float64: true,
    tolerance: 4e-3,
  },
  {
    operator: "LpNormalization",
    name: "unit sum along axis 0",
    attributes: { axis: 0, p: 1 },
    inputs: [nonZero([4, 3])],
    float64: true,
    tolerance: 4e-3,
  },
  {
    operator: "LRN",
    name: "a narrow window",
    attributes: { size: 3, alpha: 0.5, beta: 0.75, bias: float(1) },
    inputs: [real([2, 5, 2, 3])],
    tolerance: 4e-3,
  },
  {
    operator: "LRN",
    name: "a wide window",
    attributes: { size: 5, alpha: 0.5, beta: 0.5, bias: float(2) },
    inputs: [real([2, 6, 2, 2])],
    tolerance: 4e-3,
  },
];
