import {
  type CaseInput,
  distinct,
  type GradientCase,
  given,
  indices,
  ints,
  nonZero,
  positive,
  real,
} from "../../case.js";

interface Form {
  readonly name: string;
  readonly dims: readonly number[];
  readonly axes?: CaseInput;
  readonly attributes?: Readonly<Record<string, number>>;
}

const forms: readonly Form[] = [
  { name: "last axis", dims: [2, 3], axes: ints([-1]) },
  { name: "last axis, not kept", dims: [2, 3], axes: ints([1]), attributes: { keepdims: 0 } },
  {
    name: "two axes, not kept",
    dims: [2, 3, 4],
    axes: ints([0, -1]),
    attributes: { keepdims: 0 },
  },
  { name: "all axes", dims: [2, 3] },
  { name: "all axes, not kept", dims: [2, 3], attributes: { keepdims: 0 } },
  { name: "empty axes mean all", dims: [2, 2], axes: ints([]), attributes: { keepdims: 0 } },
  {
    name: "no axes mean none",
    dims: [2, 2],
    attributes: { noop_with_empty_axes: 1, keepdims: 0 },
  },
  { name: "an axis that is fed", dims: [2, 3], axes: indices([0]) },
  { name: "an axis of size 1", dims: [2, 1, 2], axes: ints([1]) },
  { name: "a scalar", dims: [] },
];

export const reductionCases: readonly GradientCase[] = [
  ...allForms("ReduceSum", real, { linear: [0], float64: true }),
  ...allForms("ReduceMean", real, { linear: [0], float64: true }),
  ...allForms("ReduceL1", nonZero, {}),
  ...allForms("ReduceL2", nonZero, {}),
  ...allForms("ReduceSumSquare", real, { float64: true }),
  ...allForms("ReduceLogSum", positive, {}),
  ...allForms("ReduceLogSumExp", real, { float64: true }),
  ...allForms("ReduceProd", nonZero, {}),
  ...allForms("ReduceMax", distinct, { float64: true }),
  ...allForms("ReduceMin", distinct, { float64: true }),
  {
    operator: "ReduceSum",
    name: "an axis that is fed, not kept",
    attributes: { keepdims: 0 },
    inputs: [real([2, 3]), indices([1])],
    linear: [0],
  },
  kink("ReduceL1", "0 at 0", [0, -2, 1], [0, -1, 1]),
  kink("ReduceL2", "0 where all are 0", [0, 0, 0], [0, 0, 0]),
  kink("ReduceMax", "ties share evenly", [2, 1, 2, 0], [0.5, 0, 0.5, 0]),
  kink("ReduceMin", "ties share evenly", [1, 1, 2, 1], [1 / 3, 1 / 3, 0, 1 / 3]),
  kink("ReduceProd", "one zero", [2, 0, 3], [0, 6, 0]),
  kink("ReduceProd", "two zeros", [2, 0, 0], [0, 0, 0]),
  kink("ReduceLogSumExp", "where the powers overflow", [89, 89], [0.5, 0.5]),
];

function allForms(
  operator: string,
  input: (dims: readonly number[]) => CaseInput,
  extra: Pick<GradientCase, "linear" | "float64">,
): GradientCase[] {
  return forms.map(({ name, dims, axes, attributes }) => ({
    operator,
    name,
    inputs: axes === undefined ? [input(dims)] : [input(dims), axes],
    ...(attributes && { attributes }),
    ...extra,
  }));
}

function kink(
  operator: string,
  name: string,
  values: readonly number[],
  expected: readonly number[],
): GradientCase {
  return { operator, name, inputs: [given(values)], expected: [expected] };
}
