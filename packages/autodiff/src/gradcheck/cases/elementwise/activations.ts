import { float } from "@engraft/onnx";
import { awayFrom, type GradientCase, given, ladder, real, unary } from "../../case.js";

const awayFrom0 = (dims: readonly number[]) => awayFrom([0], dims);

export const activationsCases: readonly GradientCase[] = [
  ...ladder({ operator: "Relu", float64: true }, unary(awayFrom0)),
  {
    operator: "Relu",
    name: "0 at 0",
    inputs: [given([0, -1, 2])],
    expected: [[0, 0, 1]],
  },
  ...ladder({ operator: "LeakyRelu" }, unary(awayFrom0)),
  {
    operator: "LeakyRelu",
    name: "the slope at 0",
    attributes: { alpha: 0.25 },
    inputs: [given([0, -1, 2])],
    expected: [[0.25, 0.25, 1]],
  },
  ...ladder({ operator: "PRelu" }, [
    [awayFrom0([2, 3, 2]), real([3, 1])],
    [awayFrom0([2, 3]), real([])],
    [awayFrom0([2, 3]), real([3])],
    [awayFrom0([2, 3]), real([2, 3])],
    [awayFrom0([2]), real([1])],
  ]),
  {
    operator: "PRelu",
    name: "the slope at 0",
    inputs: [given([0, -2, 2]), given([0.5])],
    expected: [[0.5, 0.5, 1], [-2]],
  },
  ...ladder(
    { operator: "ThresholdedRelu", attributes: { alpha: 0.7 } },
    unary((dims) => awayFrom([0.7], dims)),
  ),
  ...ladder(
    { operator: "Shrink", attributes: { lambd: 0.7, bias: 0.3 } },
    unary((dims) => awayFrom([-0.7, 0.7], dims)),
  ),
  ...ladder({ operator: "Elu" }, unary(awayFrom0)),
  ...ladder({ operator: "Elu", attributes: { alpha: 0.4 } }, [[awayFrom0([2, 4])]]),
  {
    operator: "Elu",
    name: "1 at 0",
    inputs: [given([0, 3])],
    expected: [[1, 1]],
  },
  ...ladder({ operator: "Selu" }, unary(awayFrom0)),
  ...ladder({ operator: "Selu", attributes: { alpha: 0.4, gamma: 1.5 } }, [[awayFrom0([2, 4])]]),
  ...ladder({ operator: "Celu" }, unary(awayFrom0)),
  ...ladder({ operator: "Celu", attributes: { alpha: 0.4 } }, [[awayFrom0([2, 4])]]),
  ...ladder({ operator: "Softplus" }, unary(real)),
  ...ladder({ operator: "Softsign" }, unary(awayFrom0)),
  ...ladder({ operator: "Sigmoid", float64: true }, unary(real)),
  ...ladder(
    { operator: "HardSigmoid" },
    unary((dims) => awayFrom([-2.5, 2.5], dims)),
  ),
  {
    operator: "HardSigmoid",
    name: "0 at both kinks",
    attributes: { alpha: 0.25, beta: 0.5 },
    inputs: [given([-2, 2, 0, -3, 3])],
    expected: [[0, 0, 0.25, 0, 0]],
  },
  ...ladder(
    { operator: "HardSwish" },
    unary((dims) => awayFrom([-3, 3], dims, 4)),
  ),
  {
    operator: "HardSwish",
    name: "0 and 1 at the kinks",
    inputs: [given([-3, 3, -4, 4, 0])],
    expected: [[0, 1, 0, 1, 0.5]],
  },
  ...ladder({ operator: "Swish", opset: 24 }, unary(real)),
  ...ladder({ operator: "Swish", opset: 24, attributes: { alpha: 1.7 } }, [[real([2, 4])]]),
  ...ladder({ operator: "Mish" }, unary(real)),
  ...ladder({ operator: "Gelu" }, unary(real)),
  ...ladder({ operator: "Gelu", attributes: { approximate: "tanh" } }, unary(real)),
  {
    operator: "Gelu",
    name: "far from 0",
    inputs: [given([-40, 40, 0])],
    expected: [[0, 1, 0.5]],
  },
  {
    operator: "Elu",
    name: "far from 0",
    attributes: { alpha: float(1) },
    inputs: [given([-200, 1e6])],
    expected: [[0, 1]],
  },
];
