import { describe, expect, test } from "vitest";
import {
  expectSameResults,
  type ModelParts,
  modelOf,
  noise,
  operatorsOf,
} from "../../../test/same-function.js";
import { type AttributeInput, createNode, float } from "../../ir/build.js";
import { dataTypeCodes } from "../../ir/tensor/data-type-codes.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { scalarOf, tensorOf } from "../../ir/tensor/tensor-data.js";
import { normalize } from "../normalize.js";
import { upgradeOpset } from "./upgrade-opset.js";

/**
 * Operator sets 5 and 6 have forms that ONNX Runtime does not run. Each case states the same function
 * in operator set 21, which it does run.
 */

const image = noise([2, 3, 4, 4]);
const cube = noise([2, 3, 4], 2);
const list = (...values: number[]) => tensorOf("int64", [values.length], values);
const flags = (dims: readonly number[]) =>
  tensorOf(
    "bool",
    dims,
    noise(dims, dims.length).data.map((value) => Number(value > 0)),
  );

/** A model of one node that reads `x` and then the constants, in their order. */
function single(
  opset: number,
  operator: string,
  x: Tensor,
  attributes: Readonly<Record<string, AttributeInput>> = {},
  constants: Readonly<Record<string, Tensor>> = {},
  outputs: readonly string[] = ["y"],
): ModelParts {
  const names = outputs.map((output) => output.split(":")[0]!);
  const node = createNode(operator, ["x", ...Object.keys(constants)], names, attributes);
  return { opset, nodes: [node], feeds: { x }, constants, outputs };
}

type Case = readonly [what: string, old: ModelParts, present: ModelParts];

/** The second input has dimensions `dims` in the file, and `aligned` where it is stretched as today. */
function stretched(
  operator: string,
  x: Tensor,
  attributes: Readonly<Record<string, AttributeInput>>,
  [dims, aligned]: readonly [dims: readonly number[], aligned: readonly number[]],
  output: string = "y",
): Case {
  const b = x.dtype === "bool" ? flags(dims) : noise(dims, 5);
  const what = `${operator} of [${dims.join(", ")}] to [${x.dims.join(", ")}], ${JSON.stringify(attributes)}`;
  return [
    what,
    single(6, operator, x, { broadcast: 1, ...attributes }, { b }, [output]),
    single(21, operator, x, {}, { b: { ...b, dims: aligned } }, [output]),
  ];
}

const channels: readonly [readonly number[], readonly number[]] = [[3], [3, 1, 1]];
const positive = { ...image, data: image.data.map((value) => Math.abs(value) + 0.1) };

const stretches: readonly Case[] = [
  ...["Add", "Sub", "Mul", "Div"].map((operator) =>
    stretched(operator, image, { axis: 1 }, channels),
  ),
  stretched("Pow", positive, { axis: 1 }, channels),
  ...["And", "Or", "Xor"].map((operator) =>
    stretched(operator, flags([2, 3, 4]), { axis: 1 }, [[3], [3, 1]], "y:bool"),
  ),
  ...["Equal", "Greater", "Less"].map((operator) =>
    stretched(operator, image, { axis: 1 }, channels, "y:bool"),
  ),
  stretched("Add", image, { axis: 0 }, [
    [2, 3],
    [2, 3, 1, 1],
  ]),
  stretched("Add", image, { axis: -3 }, channels),
  stretched("Add", image, { axis: 3 }, [[4], [4]]),
  stretched("Add", image, { axis: 1 }, [
    [3, 1],
    [3, 1, 1],
  ]),
  stretched("Add", image, {}, [
    [4, 4],
    [4, 4],
  ]),
  stretched("Mul", image, {}, [[], []]),
  stretched("Mul", image, { axis: 2 }, [[], []]),
];

const [scale, bias, mean, variance] = [1, 2, 3, 4].map((seed) => {
  const numbers = noise([3], seed);
  return { ...numbers, data: numbers.data.map((value) => Math.abs(value) + 0.1) };
});
const statistics = { scale: scale!, bias: bias!, mean: mean!, variance: variance! };
const slope = noise([3], 6);
const unaries = ["Abs", "Ceil", "Elu", "Exp", "Floor", "HardSigmoid", "LeakyRelu", "Neg", "Relu"];

const forms: readonly Case[] = [
  [
    "Add of equal shapes",
    single(6, "Add", image, {}, { b: noise(image.dims, 3) }),
    single(21, "Add", image, {}, { b: noise(image.dims, 3) }),
  ],
  [
    "PRelu with one slope a channel",
    single(6, "PRelu", image, {}, { slope }),
    single(21, "PRelu", image, {}, { slope: { ...slope, dims: [3, 1, 1] } }),
  ],
  [
    "PRelu with one slope a channel, of rows",
    single(6, "PRelu", noise([4, 3]), {}, { slope }),
    single(21, "PRelu", noise([4, 3]), {}, { slope }),
  ],
  [
    "PRelu with one slope",
    single(6, "PRelu", image, {}, { slope: noise([1], 6) }),
    single(21, "PRelu", image, {}, { slope: noise([1], 6) }),
  ],
  [
    "Gemm with a third operand that is stretched",
    single(
      6,
      "Gemm",
      noise([2, 4]),
      { broadcast: 1, transB: 1 },
      { w: noise([3, 4], 2), c: bias! },
    ),
    single(21, "Gemm", noise([2, 4]), { transB: 1 }, { w: noise([3, 4], 2), c: bias! }),
  ],
  [
    "BatchNormalization for use",
    single(6, "BatchNormalization", image, { is_test: 1, epsilon: 0.01, spatial: 1 }, statistics),
    single(21, "BatchNormalization", image, { epsilon: 0.01 }, statistics),
  ],
  [
    "BatchNormalization of operator set 5, which does not say so",
    single(5, "BatchNormalization", image, { consumed_inputs: [0, 0, 0, 1, 1] }, statistics),
    single(21, "BatchNormalization", image, {}, statistics),
  ],
  [
    "Dropout for use",
    single(6, "Dropout", cube, { is_test: 1, ratio: 0.4 }),
    single(21, "Identity", cube),
  ],
  [
    "Upsample with two scales",
    single(6, "Upsample", image, { height_scale: float(2), width_scale: float(3) }),
    single(
      21,
      "Resize",
      image,
      { nearest_mode: "floor", coordinate_transformation_mode: "asymmetric" },
      { roi: tensorOf("float32", [0], []), scales: tensorOf("float32", [4], [1, 1, 2, 3]) },
    ),
  ],
  [
    "Tile along one axis",
    single(5, "Tile", cube, {}, { tiles: scalarOf("int64", 3), axis: scalarOf("int64", 1) }),
    single(21, "Tile", cube, {}, { repeats: list(1, 3, 1) }),
  ],
  [
    "Tile of operator set 6",
    single(6, "Tile", cube, {}, { repeats: list(2, 1, 3) }),
    single(21, "Tile", cube, {}, { repeats: list(2, 1, 3) }),
  ],
  ...(["FLOAT", "INT64", "DOUBLE", "BOOL"] as const).map((name, index): Case => {
    const dtype = (["float32", "int64", "float64", "bool"] as const)[index]!;
    const outputs = [`y:${dtype}`];
    return [
      `Cast to ${name}`,
      single(5, "Cast", cube, { to: name }, {}, outputs),
      single(21, "Cast", cube, { to: dataTypeCodes[dtype] }, {}, outputs),
    ];
  }),
  [
    "Selu with the constants of operator set 5",
    single(5, "Selu", cube),
    single(21, "Selu", cube, { alpha: float(1.6732), gamma: float(1.0507) }),
  ],
  ...unaries.map((operator): Case => {
    const hint = { consumed_inputs: [0] };
    return [`${operator} with a hint`, single(5, operator, cube, hint), single(21, operator, cube)];
  }),
  [
    "Clip with attributes",
    single(5, "Clip", cube, { min: float(-0.5), max: float(0.4), consumed_inputs: [0] }),
    single(
      21,
      "Clip",
      cube,
      {},
      { low: scalarOf("float32", -0.5), high: scalarOf("float32", 0.4) },
    ),
  ],
  [
    "Softmax over all axes behind",
    single(6, "Softmax", cube, { axis: 1 }),
    single(12, "Softmax", cube, { axis: 1 }),
  ],
  [
    "Pad with attributes",
    single(6, "Pad", image, { pads: [0, 0, 1, 1, 0, 0, 1, 2], value: float(1.5) }),
    single(10, "Pad", image, { pads: [0, 0, 1, 1, 0, 0, 1, 2], value: float(1.5) }),
  ],
  [
    "LSTM that says that its sequence is wanted",
    single(
      6,
      "LSTM",
      noise([4, 2, 3]),
      { hidden_size: 2, output_sequence: 1 },
      { w: noise([1, 8, 3], 2), r: noise([1, 8, 2], 3) },
    ),
    single(
      21,
      "LSTM",
      noise([4, 2, 3]),
      { hidden_size: 2 },
      { w: noise([1, 8, 3], 2), r: noise([1, 8, 2], 3) },
    ),
  ],
];

describe("operator sets 5 and 6", () => {
  test.for([...stretches, ...forms])("%s", async ([, old, present]) => {
    await expectSameResults(normalize(modelOf(old)), present);
    await expectSameResults(upgradeOpset(modelOf(old), 21), present);
  });

  test("the second input may be computed, and a stretched constant stays a weight", async () => {
    const constants = { b: noise([3], 2), two: scalarOf("float32", 2) };
    const feeds = { x: image };
    const nodes = (aligned: string) => [
      createNode("Neg", ["b"], ["negated"]),
      createNode("Unsqueeze", ["negated", "axes"], ["aligned"]),
      createNode("Add", ["x", aligned], ["y"]),
    ];
    const old = modelOf({
      opset: 6,
      nodes: [
        createNode("Neg", ["b"], ["negated"]),
        createNode("Add", ["x", "negated"], ["y"], { broadcast: 1, axis: 1 }),
      ],
      feeds,
      constants,
    });
    await expectSameResults(normalize(old), {
      nodes: nodes("aligned"),
      feeds,
      constants: { ...constants, axes: list(1, 2) },
    });
    expect(operatorsOf(normalize(old))).toContain("Unsqueeze");
    expect(normalize(old).graph.initializers.get("b")).toEqual(constants.b);
  });

  test("constants that are stretched are not computed as if they were of today", async () => {
    const constants = { a: list(10, 20), b: list(1, 2), shape: list(2, 2) };
    const nodes = (attributes: Record<string, AttributeInput>, second: string) => [
      createNode("Reshape", ["a", "shape"], ["square"]),
      createNode("Add", ["square", second], ["sizes"], attributes),
      createNode("Cast", ["sizes"], ["numbers"], { to: dataTypeCodes.float32 }),
      createNode("Mul", ["x", "numbers"], ["y"]),
    ];
    const square = { ...constants, a: list(10, 20, 30, 40) };
    const feeds = { x: noise([2, 2]) };
    const old = {
      opset: 6,
      nodes: nodes({ broadcast: 1, axis: 0 }, "b"),
      feeds,
      constants: square,
    };
    const column = { ...list(1, 2), dims: [2, 1] };
    const present = { nodes: nodes({}, "b"), feeds, constants: { ...square, b: column } };
    await expectSameResults(normalize(modelOf(old)), present);
  });

  const refused: readonly (readonly [what: string, parts: ModelParts, reason: RegExp])[] = [
    [
      "a batch normalisation in training",
      single(6, "BatchNormalization", image, { is_test: 0 }, statistics),
      /BatchNormalization "y" cannot be brought .* training mode \(is_test = 0\)/,
    ],
    [
      "statistics for every position",
      single(6, "BatchNormalization", image, { is_test: 1, spatial: 0 }, statistics),
      /BatchNormalization "y" cannot be brought .* every position \(spatial = 0\)/,
    ],
    [
      "an axis at which the second input does not fit",
      single(6, "Add", cube, { broadcast: 1, axis: 2 }, { b: noise([3, 4]) }),
      /Add "y" cannot be brought .* 2 axes does not fit in the 3 of the first at axis 2/,
    ],
    [
      "other shapes without broadcast",
      single(6, "Add", cube, {}, { b: noise([4]) }),
      /In node Add "y" \(opset 6\): expected input 1 of shape \[2, 3, 4\]/,
    ],
    ["an unknown type", single(5, "Cast", cube, { to: "FLOAT99" }), /Cast "y" cannot .*"FLOAT99"/],
  ];
  test.for(refused)("refuses %s, and names the node", ([, parts, reason]) => {
    expect(() => normalize(modelOf(parts))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(reason) }),
    );
  });

  test("refuses an axis where the number of axes of the first input is unknown", () => {
    const nodes = [
      createNode("Reshape", ["x", "shape"], ["h"]),
      createNode("Add", ["h", "b"], ["y"], { broadcast: 1, axis: 1 }),
    ];
    const feeds = { x: cube, shape: list(6, 4) };
    const parts = { opset: 6, nodes, feeds, shapes: { shape: [null] }, constants: { b: slope } };
    expect(() => normalize(modelOf(parts))).toThrow(/Add "y" .* axes of input 0, which is unknown/);
  });
});
