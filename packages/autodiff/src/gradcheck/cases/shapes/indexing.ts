import {
  bools,
  type CaseInput,
  distinct,
  type GradientCase,
  indices,
  ints,
  real,
} from "../../case.js";

const linear = { linear: [0], float64: true } as const;

function gather(
  name: string,
  dims: readonly number[],
  picked: CaseInput,
  axis: number = 0,
): GradientCase {
  return {
    ...linear,
    operator: "Gather",
    name,
    attributes: { axis },
    inputs: [real(dims), picked],
  };
}

export const indexingCases: readonly GradientCase[] = [
  gather("rows, some twice", [5, 3], indices([1, 4, 1])),
  gather("rows by a matrix of indices", [5, 3], indices([0, 2, -1, 2], [2, 2])),
  gather("one row", [5, 3], indices([2], [])),
  gather("columns, some twice", [3, 5], indices([1, -1, 1]), 1),
  gather("an inner axis by a matrix", [2, 4, 3], indices([3, 0, 3, 1], [2, 2]), 1),
  gather("constant rows", [5, 3], ints([3, 0, -1])),
  gather("constant rows, some twice", [5, 3], ints([3, 3])),
  gather("neighbouring constant columns", [3, 5], ints([1, 2, 3]), -1),
  gather("one constant token", [2, 4, 3], { ...ints([0]), dims: [] }, 1),
  gather("a constant permutation", [4, 3], ints([2, 0, 3, 1])),
  {
    ...linear,
    operator: "GatherElements",
    name: "columns, some twice",
    attributes: { axis: 1 },
    inputs: [real([2, 4]), indices([0, 0, 3, -1, 2, 1], [2, 3])],
  },
  {
    ...linear,
    operator: "GatherND",
    name: "elements",
    inputs: [real([3, 4]), indices([0, 1, 2, 3, 0, 1], [3, 2])],
  },
  {
    ...linear,
    operator: "GatherND",
    name: "rows",
    inputs: [real([3, 4]), indices([2, 0, 2], [3, 1])],
  },
  {
    ...linear,
    operator: "GatherND",
    name: "one batch axis",
    attributes: { batch_dims: 1 },
    inputs: [real([2, 3, 4]), indices([1, 0, 1, 2, 2, 0], [2, 3, 1])],
  },
  {
    ...linear,
    operator: "GatherND",
    name: "two batch axes",
    attributes: { batch_dims: 2 },
    inputs: [real([2, 2, 3]), indices([1, 0, 2, 1], [2, 2, 1])],
  },
  {
    operator: "ScatterElements",
    name: "overwriting",
    attributes: { axis: 1 },
    inputs: [real([2, 4]), indices([0, 3, 2, -4], [2, 2]), real([2, 2])],
    float64: true,
  },
  {
    operator: "ScatterElements",
    name: "adding",
    attributes: { axis: 0, reduction: "add" },
    inputs: [real([3, 2]), indices([0, 1, 0, 2], [2, 2]), real([2, 2])],
    float64: true,
  },
  {
    operator: "ScatterND",
    name: "overwriting rows",
    inputs: [real([4, 3]), indices([2, 0], [2, 1]), real([2, 3])],
    float64: true,
  },
  {
    operator: "ScatterND",
    name: "adding elements",
    attributes: { reduction: "add" },
    inputs: [real([3, 2]), indices([1, 1, 1, 1, 0, 0], [3, 2]), real([3])],
    float64: true,
  },
  {
    operator: "TopK",
    name: "values of the last axis",
    inputs: [distinct([3, 5]), ints([2])],
    outputs: 2,
    read: [0],
    float64: true,
  },
  {
    operator: "TopK",
    name: "the smallest along the first axis",
    attributes: { axis: 0, largest: 0 },
    inputs: [distinct([5, 3]), ints([3])],
    outputs: 2,
    read: [0],
  },
  {
    ...linear,
    operator: "Compress",
    name: "rows",
    attributes: { axis: 0 },
    inputs: [real([4, 3]), bools([true, false, true, false], [4])],
  },
  {
    ...linear,
    operator: "Compress",
    name: "columns, with a short condition",
    attributes: { axis: 1 },
    inputs: [real([2, 4]), bools([false, true, true], [3])],
  },
  {
    ...linear,
    operator: "Compress",
    name: "flattened",
    inputs: [real([2, 3]), bools([true, false, false, true, true, false], [6])],
  },
];
