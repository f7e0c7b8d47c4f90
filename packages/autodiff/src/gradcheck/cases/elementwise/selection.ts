import {
  awayFrom,
  bools,
  broadcastShapes,
  type CaseInput,
  constant,
  distinct,
  type GradientCase,
  given,
  ladder,
  real,
} from "../../case.js";

const low = given([-1], []);
const high = given([1.5], []);
const cut = awayFrom([-1, 1.5], [3, 4]);

export const selectionCases: readonly GradientCase[] = [
  ...ladder({ operator: "Where", float64: true }, [
    [mixed([2, 3]), real([2, 3]), real([2, 3])],
    [mixed([2, 3]), real([]), real([3])],
    [mixed([3]), real([2, 1]), real([1])],
    [mixed([2, 1]), real([3]), real([])],
    [mixed([]), real([2]), real([2])],
  ]),
  {
    operator: "Where",
    name: "stops an infinite gradient on the other side",
    inputs: [bools([true, false], [2]), given([1, 2]), given([3, 4])],
    expected: [undefined, [1, 0], [0, 1]],
  },

  { operator: "Clip", name: "both bounds", inputs: [cut, low, high], float64: true },
  {
    operator: "Clip",
    name: "constant bounds",
    inputs: [cut, constant(low), constant(high)],
    float64: true,
  },
  { operator: "Clip", name: "lower bound only", inputs: [cut, low], float64: true },
  { operator: "Clip", name: "upper bound only", inputs: [cut, null, high], float64: true },
  { operator: "Clip", name: "no bounds", inputs: [real([2])], float64: true },
  {
    operator: "Clip",
    name: "0 at both bounds",
    inputs: [given([-1, 1.5, -2, 2, 0]), constant(low), constant(high)],
    expected: [[0, 0, 0, 0, 1]],
  },

  ...["Max", "Min"].flatMap((operator) => [
    ...ladder(
      { operator, float64: true },
      broadcastShapes.map(([a, b]) => [distinct(a), between(b)]),
    ),
    ...ladder({ operator, float64: true }, [
      [real([2, 2])],
      [distinct([2, 3]), between([3]), given([5, -5], [2, 1])],
    ]),
    {
      operator,
      name: "ties share evenly",
      inputs: [given([1, 1, 2]), given([1, 1, 2]), given([1, operator === "Max" ? 0 : 3, 2])],
      expected: [
        [1 / 3, 1 / 2, 1 / 3],
        [1 / 3, 1 / 2, 1 / 3],
        [1 / 3, 0, 1 / 3],
      ],
    },
  ]),
];

/** Values that no element of `distinct` comes near. */
function between(dims: readonly number[]): CaseInput {
  const input = distinct(dims);
  return { ...input, values: (random, count) => input.values(random, count).map((x) => x + 0.12) };
}

/** Booleans of both kinds. */
function mixed(dims: readonly number[]): CaseInput {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return bools(
    Array.from({ length: count }, (_, i) => i % 3 !== 1),
    dims,
  );
}
