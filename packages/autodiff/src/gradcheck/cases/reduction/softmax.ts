import { type GradientCase, given, ladder, real, uniform } from "../../case.js";

const shapes = [[2, 3], [4], [1, 1], [2, 3, 4]].map((dims) => [real(dims)]);

export const softmaxCases: readonly GradientCase[] = [
  ...["Softmax", "LogSoftmax"].flatMap((operator) => [
    ...ladder({ operator, float64: true }, shapes),
    ...[0, 1, -2].flatMap((axis) =>
      ladder({ operator, attributes: { axis }, float64: true }, [[real([2, 3, 4])]]).map(
        (item) => ({
          ...item,
          name: `${item.name} axis ${axis}`,
        }),
      ),
    ),
    ...ladder({ operator }, [[uniform([2, 5], 80, 84)]]),
  ]),
  {
    operator: "Softmax",
    name: "a masked element gets nothing",
    inputs: [given([0, 0, -Infinity])],
    expected: [[0, 0, 0]],
  },
];
