import { dataTypeCodes } from "@engraft/onnx";
import {
  bools,
  constant,
  frozen,
  type GradientCase,
  given,
  indices,
  ints,
  ladder,
  real,
  unary,
} from "../../case.js";

const ratio = constant(given([0.4], []));

export const copyingCases: readonly GradientCase[] = [
  ...ladder({ operator: "Identity", linear: [0], float64: true }, unary(real)),
  ...ladder(
    { operator: "Cast", attributes: { to: dataTypeCodes.float32 }, linear: [0] },
    unary(real),
  ),
  ...ladder({ operator: "CastLike", float64: true }, [[real([2, 3]), frozen(real([1]))]]),
  ...ladder({ operator: "Dropout", linear: [0], float64: true }, [
    [real([2, 3])],
    [real([2, 3]), ratio],
    [real([2, 3]), ratio, constant(bools([false], []))],
  ]),
  {
    operator: "Dropout",
    name: "the mask is there and unused",
    inputs: [real([2, 3]), ratio, bools([false], [])],
    outputs: 2,
    linear: [0],
  },
  {
    operator: "Dropout",
    name: "nothing is dropped in training",
    inputs: [real([2, 3]), constant(given([0], [])), constant(bools([true], []))],
    outputs: 2,
    linear: [0],
  },
  ...[{ upper: 1 }, { upper: 0 }].flatMap((attributes) =>
    ladder({ operator: "Trilu", attributes, linear: [0], float64: true }, [
      [real([3, 4])],
      [real([2, 3, 3]), { ...ints([1]), dims: [] }],
      [real([3, 3]), indices([-1], [])],
    ]),
  ),
];
