import { constant, type GradientCase, given, indices, ints } from "../../case.js";

export const creationCases: readonly GradientCase[] = [
  {
    operator: "Range",
    name: "start and step",
    inputs: [given([1], []), constant(given([3], [])), given([0.3], [])],
    float64: true,
  },
  {
    operator: "OneHot",
    name: "last axis",
    inputs: [indices([0, 2, -1, 5]), { ...ints([3]), dims: [1] }, given([0.5, 2])],
  },
  {
    operator: "OneHot",
    name: "axis 1",
    attributes: { axis: 1 },
    inputs: [indices([0, 2, 1, 1], [2, 2]), { ...ints([3]), dims: [1] }, given([0.5, 2])],
  },
];
