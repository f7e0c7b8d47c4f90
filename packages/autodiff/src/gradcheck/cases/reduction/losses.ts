import { type CaseInput, type GradientCase, given, indices, positive, real } from "../../case.js";

const scores = real([4, 3]);
const labels = indices([0, 2, 1, 2]);
const maps = real([2, 3, 2]);
const mapLabels = indices([0, 2, 1, 2], [2, 2]);

const inputLists: readonly (readonly [
  name: string,
  ignored: number | undefined,
  ...CaseInput[],
])[] = [
  ["plain", undefined, scores, labels],
  ["weights", undefined, scores, labels, positive([3])],
  ["ignored class", 2, scores, labels],
  ["ignored label that is no class", -100, scores, indices([0, -100, 1, -100])],
  ["weights and ignored label -1", -1, scores, indices([0, -1, 1, 2]), positive([3])],
  ["maps", undefined, maps, mapLabels],
  ["maps, weights and ignored class", 0, maps, mapLabels, positive([3])],
  ["32-bit labels", undefined, scores, { ...labels, dtype: "int32" }],
  ["one sample", undefined, real([1, 2]), indices([1])],
];

export const lossesCases: readonly GradientCase[] = [
  ...["SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"].flatMap((operator) =>
    ["mean", "sum", "none"].flatMap((reduction) =>
      inputLists.map(([name, ignored, ...inputs]) => ({
        operator,
        name: `${name}, ${reduction}`,
        attributes: { reduction, ...(ignored !== undefined && { ignore_index: ignored }) },
        inputs,
      })),
    ),
  ),
  ...[undefined, [0], [1]].map((read) => ({
    operator: "SoftmaxCrossEntropyLoss",
    name: `with log-probabilities, reading ${read === undefined ? "both outputs" : `output ${read.join()}`}`,
    inputs: [scores, labels, positive([3])],
    outputs: 2,
    ...(read && { read }),
  })),
  {
    operator: "SoftmaxCrossEntropyLoss",
    name: "large scores",
    inputs: [given([1000, 0, 0, 1000], [2, 2]), indices([1, 1])],
    expected: [[0.5, -0.5, 0, 0]],
  },
];
