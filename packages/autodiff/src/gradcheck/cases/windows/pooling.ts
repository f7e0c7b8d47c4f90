import type { AttributeInput } from "@engraft/onnx";
import { distinct, type GradientCase, given, nonZero, real } from "../../case.js";

type Attributes = Readonly<Record<string, AttributeInput>>;

function maxPool(name: string, dims: readonly number[], attributes: Attributes): GradientCase {
  return { operator: "MaxPool", name, attributes, inputs: [distinct(dims)] };
}

function averagePool(name: string, dims: readonly number[], attributes: Attributes): GradientCase {
  return { operator: "AveragePool", name, attributes, inputs: [real(dims)], linear: [0] };
}

export const poolingCases: readonly GradientCase[] = [
  maxPool("2x2, side by side", [2, 3, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  maxPool("2x2, with a rest", [1, 2, 5, 5], { kernel_shape: [2, 2], strides: [2, 2] }),
  maxPool("3x3, stride 2, padded", [2, 3, 6, 7], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  maxPool("overlapping, dilated", [1, 2, 7, 7], { kernel_shape: [3, 2], dilations: [2, 1] }),
  maxPool("hanging over the end", [1, 2, 6, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    ceil_mode: 1,
  }),
  maxPool("1 axis", [2, 3, 8], { kernel_shape: [3], strides: [2], pads: [1, 0] }),
  maxPool("3 axes", [1, 2, 4, 4, 4], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
  {
    ...maxPool("with indices", [1, 2, 4, 4], { kernel_shape: [3, 3], storage_order: 1 }),
    outputs: 2,
    read: [0],
  },
  {
    operator: "MaxPool",
    name: "several largest: the first one",
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    inputs: [given([1, 1, 0, 2, 1, 1, 2, 2], [1, 1, 2, 4])],
    expected: [[1, 0, 0, 1, 0, 0, 0, 0]],
  },
  {
    operator: "MaxPool",
    name: "several largest in overlapping windows: the first one of each",
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    inputs: [given(new Array<number>(16).fill(0), [1, 1, 4, 4])],
    expected: [[1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  },

  averagePool("2x2, side by side", [2, 3, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  averagePool("3x3, padding left out", [1, 2, 5, 5], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  averagePool("3x3, padding counted", [1, 2, 5, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  averagePool("uneven padding", [2, 2, 5, 6], { kernel_shape: [2, 3], pads: [0, 1, 1, 0] }),
  {
    ...averagePool("hanging over the end", [1, 2, 6, 6], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      ceil_mode: 1,
    }),
    dynamic: "first",
  },
  {
    ...averagePool("hanging over the end, padding counted", [1, 2, 6, 5], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      ceil_mode: 1,
      count_include_pad: 1,
    }),
    dynamic: "first",
  },
  averagePool("dilated", [1, 2, 7, 6], { kernel_shape: [3, 2], dilations: [2, 1] }),
  averagePool("1 axis", [2, 3, 9], { kernel_shape: [3], strides: [2] }),
  averagePool("3 axes", [1, 2, 4, 5, 4], { kernel_shape: [2, 2, 2], strides: [2, 1, 2] }),

  { operator: "GlobalAveragePool", name: "images", inputs: [real([2, 3, 4, 5])], linear: [0] },
  { operator: "GlobalAveragePool", name: "sequences", inputs: [real([2, 3, 5])], linear: [0] },
  { operator: "GlobalMaxPool", name: "images", inputs: [distinct([2, 3, 4, 5])] },
  {
    operator: "GlobalMaxPool",
    name: "several largest: the first one",
    inputs: [given([0, 2, 2, 1], [1, 1, 2, 2])],
    expected: [[0, 1, 0, 0]],
  },
  { operator: "GlobalLpPool", name: "2-norm", inputs: [real([2, 3, 4, 2])], tolerance: 4e-3 },
  {
    operator: "GlobalLpPool",
    name: "1-norm",
    attributes: { p: 1 },
    inputs: [nonZero([2, 3, 4])],
  },
  {
    operator: "GlobalLpPool",
    name: "3-norm",
    attributes: { p: 3 },
    inputs: [nonZero([2, 3, 4])],
    tolerance: 4e-3,
  },
  {
    operator: "GlobalLpPool",
    name: "only zeros",
    inputs: [given([0, 0, 0, 0], [1, 1, 2, 2])],
    expected: [[0, 0, 0, 0]],
  },
  {
    operator: "LpPool",
    name: "2-norm, overlapping",
    attributes: { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] },
    inputs: [nonZero([1, 2, 6, 5])],
    tolerance: 4e-3,
  },
];
