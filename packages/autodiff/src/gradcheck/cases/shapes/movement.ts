import { constant, type GradientCase, indices, ints, real } from "../../case.js";

const linear = { linear: [0], float64: true } as const;

function slice(
  name: string,
  dims: readonly number[],
  [starts, ends, axes, steps]: readonly (readonly number[])[],
): GradientCase {
  const lists = [starts, ends, axes, steps].flatMap((list) => (list ? [ints(list)] : []));
  return { ...linear, operator: "Slice", name, inputs: [real(dims), ...lists] };
}

function pad(
  name: string,
  dims: readonly number[],
  pads: readonly number[],
  mode: string = "constant",
): GradientCase {
  const dynamic = mode === "constant" ? "all" : "none";
  const inputs = [real(dims), ints(pads)];
  return { ...linear, operator: "Pad", name, attributes: { mode }, inputs, dynamic };
}

export const movementCases: readonly GradientCase[] = [
  { ...linear, operator: "Reshape", name: "to a matrix", inputs: [real([2, 3, 4]), ints([0, -1])] },
  { ...linear, operator: "Reshape", name: "to a scalar", inputs: [real([1, 1]), ints([])] },
  { ...linear, operator: "Flatten", name: "axis 1", inputs: [real([2, 3, 4])] },
  {
    ...linear,
    operator: "Flatten",
    name: "axis -1",
    attributes: { axis: -1 },
    inputs: [real([2, 3, 4])],
  },
  { ...linear, operator: "Squeeze", name: "one axis", inputs: [real([2, 1, 3]), ints([-2])] },
  {
    ...linear,
    operator: "Squeeze",
    name: "all of size 1",
    inputs: [real([1, 3, 1])],
    dynamic: "none",
  },
  { ...linear, operator: "Unsqueeze", name: "two axes", inputs: [real([2, 3]), ints([0, -1])] },
  { ...linear, operator: "Transpose", name: "reversed", inputs: [real([2, 3, 4])] },
  {
    ...linear,
    operator: "Transpose",
    name: "a cycle",
    attributes: { perm: [2, 0, 1] },
    inputs: [real([2, 3, 4])],
  },
  { ...linear, operator: "Expand", name: "rows", inputs: [real([3]), ints([2, 3])] },
  { ...linear, operator: "Expand", name: "an inner axis", inputs: [real([2, 1, 3]), ints([4, 1])] },
  { ...linear, operator: "Expand", name: "a scalar", inputs: [real([]), ints([2, 2])] },
  { ...linear, operator: "Tile", name: "both axes", inputs: [real([2, 3]), ints([2, 3])] },
  { ...linear, operator: "Tile", name: "an axis once", inputs: [real([2, 1, 3]), ints([1, 4, 1])] },
  { ...linear, operator: "Tile", name: "computed", inputs: [real([2, 3]), indices([1, 2])] },
  {
    ...linear,
    operator: "DepthToSpace",
    name: "depth first",
    attributes: { blocksize: 2 },
    inputs: [real([2, 12, 2, 3])],
  },
  {
    ...linear,
    operator: "DepthToSpace",
    name: "columns first",
    attributes: { blocksize: 2, mode: "CRD" },
    inputs: [real([2, 12, 2, 3])],
    dynamic: "first",
  },
  {
    ...linear,
    operator: "SpaceToDepth",
    name: "blocks of 2",
    attributes: { blocksize: 2 },
    inputs: [real([2, 3, 4, 2])],
  },
  {
    ...linear,
    operator: "ReverseSequence",
    name: "batch first",
    attributes: { batch_axis: 0, time_axis: 1 },
    inputs: [real([2, 4, 3]), indices([2, 4])],
  },
  {
    operator: "Concat",
    name: "three inputs",
    attributes: { axis: -1 },
    inputs: [real([2, 3]), real([2, 1]), real([2, 2])],
    float64: true,
  },
  { operator: "Concat", name: "one input", attributes: { axis: 0 }, inputs: [real([2, 3])] },
  {
    ...linear,
    operator: "Split",
    name: "given sizes",
    attributes: { axis: 1 },
    inputs: [real([2, 6]), ints([1, 2, 3])],
    outputs: 3,
  },
  {
    operator: "Split",
    name: "parts that the loss does not read",
    attributes: { axis: 1, num_outputs: 3 },
    inputs: [real([2, 7])],
    outputs: 3,
    read: [1],
    dynamic: "first",
  },

  slice("in the middle", [5, 4], [[1], [3], [0]]),
  slice(
    "all axes",
    [5, 4],
    [
      [1, 0],
      [4, 3],
    ],
  ),
  slice("from the front to the end", [5, 4], [[2], [2 ** 63], [1]]),
  slice("all but the last", [5, 4], [[0], [-1], [1]]),
  slice("the last two", [5, 4], [[-2], [2 ** 31], [0]]),
  slice("every other", [5, 4], [[1], [5], [0], [2]]),
  slice(
    "every other of two axes",
    [2, 6, 6],
    [
      [0, 1],
      [6, 6],
      [1, 2],
      [2, 2],
    ],
  ),
  slice("backwards", [5, 4], [[-1], [-(2 ** 31)], [0], [-1]]),
  slice("backwards in steps", [6, 4], [[4], [0], [0], [-2]]),
  slice(
    "mixed steps",
    [5, 6],
    [
      [1, 5],
      [4, 0],
      [0, 1],
      [1, -3],
    ],
  ),
  slice("beyond both ends", [5, 4], [[-9], [9], [0]]),
  {
    ...linear,
    operator: "Slice",
    name: "computed ends",
    inputs: [real([5, 4]), indices([1, 0]), indices([4, 3]), indices([1, 0])],
  },

  pad("constant", [2, 3], [1, 0, 2, 1]),
  pad("constant, cropping", [3, 4], [-1, 2, 0, -2]),
  pad("reflect", [3, 4], [2, 1, 1, 3], "reflect"),
  pad("edge", [3, 2, 4], [0, 1, 2, 0, 2, 1], "edge"),
  pad("wrap", [3, 4], [2, 1, 1, 3], "wrap"),
  {
    ...linear,
    operator: "Pad",
    name: "chosen axes",
    inputs: [real([2, 3, 4]), ints([1, 2]), null, ints([-1])],
  },
  {
    operator: "Pad",
    name: "gradient by the value",
    inputs: [real([2, 3]), ints([1, 0, 2, 1]), real([])],
    linear: [],
    float64: true,
  },
  {
    ...linear,
    operator: "Pad",
    name: "computed amounts",
    inputs: [real([2, 3]), indices([1, 0, 2, 1]), constant(real([]))],
    linear: [],
  },
];
