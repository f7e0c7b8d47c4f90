import { describe, expect, test } from "vitest";
import {
  type Attributes,
  bools,
  expectSame,
  floats,
  int,
  ints,
  modelOfNode,
  reshaped,
  resultsOf,
} from "../../../test/single-node.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { createTensor, scalarOf, tensorOf } from "../../ir/tensor/tensor-data.js";
import { foldConstants } from "../../passes/fold/fold-constants.js";

const matrix = reshaped(ints(1, -2, 3, 4, 0, -6), 2, 3);

describe("every kernel computes what ONNX Runtime computes", () => {
  const pairs: [Tensor, Tensor] = [ints(7, -7, 7, -7, 0), ints(2, 2, -2, -2, 5)];
  const floatPairs: [Tensor, Tensor] = [floats(7.5, -7.5, 0, 2, -0.1), floats(2, 2, 3, -2, 5)];
  const some = floats(-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3.7);
  const positive = floats(0.1, 1, 2, 9.5);
  const cases: readonly (readonly [string, readonly Tensor[], Attributes?, number?])[] = [
    ...["Add", "Sub", "Mul", "Div", "Mod", "Max", "Min"].map((op) => [op, pairs] as const),
    ...["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum"].map((op) => [op, floatPairs] as const),
    ...["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"].map(
      (op) => [op, pairs] as const,
    ),
    ...["And", "Or", "Xor"].map((op) => [op, [bools(0, 0, 1, 1), bools(0, 1, 0, 1)]] as const),
    ...["Neg", "Abs", "Sign"].flatMap((op) => [[op, [matrix]] as const, [op, [some]] as const]),
    ...["Floor", "Ceil", "Round", "Exp", "Sin", "Cos", "Tanh"].map((op) => [op, [some]] as const),
    ...["Sqrt", "Reciprocal", "Log"].map((op) => [op, [positive]] as const),
    ["Mod", pairs, { fmod: 1 }],
    ["Mod", floatPairs, { fmod: 1 }],
    ["Add", [ints(2 ** 53 - 1, -5), ints(1)]],
    ["Mul", [reshaped(ints(1, 2), 2, 1), reshaped(ints(3, 4, 5), 1, 3)]],
    ["Max", [matrix, ints(0, 1, 2), int(2)]],
    ["Pow", [floats(2, 3, 4), ints(2, -1, 0)]],
    ["Pow", [ints(2, 3), ints(5, 3)]],
    ["Not", [bools(0, 1)]],
    ["Cast", [floats(-1.9, 1.9, 0)], { to: 7 }],
    ["Cast", [floats(-1.9, 0, 0.1)], { to: 9 }],
    ["Cast", [floats(1 / 3, 65504, 1e-7)], { to: 10 }],
    ["Cast", [tensorOf("float16", [2], [1.5, -0.1])], { to: 1 }],
    ["Cast", [ints(300, -1, 0)], { to: 9 }],
    ["Cast", [ints(300, -1)], { to: 1 }],
    ["CastLike", [ints(3, 0), floats(1)]],
    ["Where", [bools(1, 0, 1), ints(1, 2, 3), reshaped(ints(-1, -2), 2, 1)]],
    ["Range", [int(2), int(-9), int(-3)]],
    ["Range", [scalarOf("float32", 0), scalarOf("float32", 1), scalarOf("float32", 0.3)]],
    ["ConstantOfShape", [ints(2, 3)]],
    ["ConstantOfShape", [ints(2)], { value: ints(7) }],
    ["NonZero", [matrix]],
    ["Shape", [matrix], { start: 1 }],
    ["Size", [matrix]],
    ["Identity", [matrix]],
    ["Reshape", [matrix, ints(3, -1)]],
    ["Flatten", [matrix], { axis: 0 }],
    ["Unsqueeze", [matrix, ints(-1, 0)]],
    ["Squeeze", [reshaped(matrix, 1, 2, 1, 3), ints(2)]],
    ["Transpose", [reshaped(matrix, 1, 2, 3)], { perm: [2, 0, 1] }],
    ["Gather", [matrix, reshaped(ints(0, -1), 2, 1)], { axis: 1 }],
    ["Slice", [matrix, ints(2, 0), ints(-9, 2), ints(1, 0), ints(-2, 1)]],
    ["Split", [matrix, ints(1, 2)], { axis: 1 }, 2],
    ["Concat", [matrix, reshaped(ints(8, 9), 2, 1), matrix], { axis: 1 }],
    ["Expand", [reshaped(ints(1, 2), 2, 1), ints(3, 1, 4)]],
    ["Tile", [matrix, ints(2, 3)]],
    ["ScatterND", [matrix, reshaped(ints(1, 2, 0, -1), 2, 2), ints(70, 80)]],
    ["ScatterND", [matrix, reshaped(ints(1), 1, 1), reshaped(ints(7, 8, 9), 1, 3)]],
    ["Trilu", [reshaped(floats(1, 2, 3, 4, 5, 6, 7, 8), 2, 2, 2)]],
    ["Trilu", [matrix, int(1)], { upper: 0 }],
    ...[{}, { exclusive: 1 }, { reverse: 1 }, { exclusive: 1, reverse: 1 }].flatMap(
      (attributes) => [
        ["CumSum", [matrix, int(1)], attributes] as const,
        ["CumSum", [matrix, int(0)], attributes] as const,
      ],
    ),
    ...["ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin"].flatMap((op) => [
      [op, [matrix, ints(-1)], { keepdims: 0 }] as const,
      [op, [matrix]] as const,
    ]),
    ["ReduceMean", [reshaped(floats(1, 2, 3, 4, 5, 7), 2, 3), ints(1)]],
    ["ReduceSum", [matrix], { noop_with_empty_axes: 1 }],
  ];

  const titled = cases.map(
    (item, index) =>
      [`${index}: ${item[0]} ${JSON.stringify(Object.keys(item[2] ?? {}))}`, item] as const,
  );
  test.for(titled)("%s", async ([, [operator, inputs, attributes = {}, outputs = 1]]) => {
    const model = modelOfNode(operator, inputs, attributes, outputs);
    const reference = await resultsOf(model);
    const folded = foldConstants(model).graph;
    expect(folded.nodes).toEqual([]);
    for (const [name, tensor] of reference) expectSame(folded.initializers.get(name)!, tensor);
  });

  test("text is compared by the runtime", () => {
    const [one, two] = [["a"], ["b"]].map((text) => createTensor("string", [1], text));
    expect(foldConstants(modelOfNode("Equal", [one!, two!], {}, 1)).graph.nodes).toHaveLength(1);
    const joined = foldConstants(modelOfNode("Concat", [one!, two!], { axis: 0 }, 1)).graph;
    expect(joined.initializers.get("y0")?.data).toEqual(["a", "b"]);
  });

  test("what has no portable result stays for the runtime", () => {
    const stays = (operator: string, ...inputs: Tensor[]) =>
      foldConstants(modelOfNode(operator, inputs, operator === "Cast" ? { to: 7 } : {}, 1)).graph
        .nodes;
    expect(stays("Div", ints(1), ints(0))).toHaveLength(1);
    expect(stays("Cast", floats(Number.NaN))).toHaveLength(1);
    expect(stays("Div", floats(1), floats(0))).toHaveLength(0);
  });
});
