import {
  broadcastShapes,
  constant,
  type GradientCase,
  given,
  indices,
  ints,
  ladder,
  nonZero,
  positive,
  real,
  unary,
  uniform,
} from "../../case.js";

const reals = broadcastShapes.map(([a, b]) => [real(a), real(b)]);

export const arithmeticCases: readonly GradientCase[] = [
  ...ladder({ operator: "Add", float64: true }, reals),
  ...ladder({ operator: "Sub", float64: true }, reals),
  ...ladder({ operator: "Mul", linear: [0, 1], float64: true }, reals),
  ...ladder(
    { operator: "Div", linear: [0], float64: true },
    broadcastShapes.map(([a, b]) => [real(a), nonZero(b)]),
  ),
  ...ladder({ operator: "Sum", float64: true }, [
    [real([2, 3]), real([3]), real([2, 1])],
    [real([]), real([2])],
    [real([2, 2])],
  ]),
  ...ladder({ operator: "Mean" }, [[real([2, 3]), real([3]), real([2, 1])], [real([2, 2])]]),
  ...ladder({ operator: "Mod", attributes: { fmod: 1 } }, [
    [given([5.3, -5.3, 7.1, -0.4]), given([2, 2, -3, 3])],
    [given([5.3, -5.3, 7.1, -0.4], [2, 2]), given([1.7])],
  ]),
  ...ladder({ operator: "Neg", linear: [0], float64: true }, unary(real)),
  ...ladder({ operator: "Reciprocal", float64: true, tolerance: 3e-3 }, unary(nonZero)),
  ...ladder({ operator: "Sqrt", float64: true }, unary(positive)),
  ...ladder({ operator: "Abs", float64: true }, unary(nonZero)),
  {
    operator: "Abs",
    name: "0 at 0",
    inputs: [given([0, -1, 2])],
    expected: [[0, -1, 1]],
  },

  ...ladder(
    { operator: "Pow", float64: true, tolerance: 3e-3 },
    broadcastShapes.map(([a, b]) => [positive(a), real(b)]),
  ),
  ...[-1, -0.5, 0, 0.5, 1, 2, 2.5, 3].map((exponent) => ({
    operator: "Pow",
    name: `constant exponent ${exponent}`,
    inputs: [positive([2, 3]), constant(given([exponent], []))],
    float64: true,
    tolerance: 3e-3,
  })),
  {
    operator: "Pow",
    name: "negative base, constant exponents that broadcast",
    inputs: [nonZero([2, 3]), constant(given([2, 3, -1]))],
    float64: true,
    tolerance: 3e-3,
  },
  {
    operator: "Pow",
    name: "integer exponent",
    inputs: [nonZero([2, 3]), indices([2, 3, 0])],
    tolerance: 3e-3,
  },
  {
    operator: "Pow",
    name: "at base 0 and exponent 0",
    inputs: [given([0, 0, 0, 2]), given([2, 1, 0, 0])],
    expected: [
      [0, 1, 0, 0],
      [0, 0, 0, Math.log(2)],
    ],
  },
  {
    operator: "Pow",
    name: "square at 0",
    inputs: [given([0, -3]), constant(given([2], []))],
    expected: [[0, -6]],
  },

  ...[
    { exclusive: 0, reverse: 0 },
    { exclusive: 1, reverse: 0 },
    { exclusive: 0, reverse: 1 },
    { exclusive: 1, reverse: 1 },
  ].map((attributes) => ({
    operator: "CumSum",
    name: JSON.stringify(attributes),
    attributes,
    inputs: [real([2, 3, 2]), { ...ints([-2]), dims: [] }],
    linear: [0],
    float64: true,
  })),
  {
    operator: "CumSum",
    name: "along an axis that is fed",
    inputs: [uniform([4], 0, 1), indices([0], [])],
    linear: [0],
    float64: true,
  },
];
