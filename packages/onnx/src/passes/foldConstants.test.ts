import * as fc from "fast-check";
import { Tensor as RuntimeTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { runModel } from "../../test/run-model.js";
import { inferTypes } from "../infer/inferTypes.js";
import type { AttributeInput } from "../ir/build.js";
import { createGraph, createModel, createNode, float, valueInfo } from "../ir/build.js";
import type { Model, Node } from "../ir/graph.js";
import { printGraph } from "../ir/print.js";
import type { DataType, Tensor } from "../ir/tensor.js";
import { createTensor, numbersOf, scalarOf, tensorOf } from "../ir/tensor-data.js";
import { foldConstants } from "./foldConstants.js";
import { verify } from "./verify.js";

const ints = (...values: number[]): Tensor => tensorOf("int64", [values.length], values);
const floats = (...values: number[]): Tensor => tensorOf("float32", [values.length], values);
const bools = (...values: number[]): Tensor => tensorOf("bool", [values.length], values);
const int = (value: number): Tensor => scalarOf("int64", value);
const reshaped = (tensor: Tensor, ...dims: number[]): Tensor => ({ ...tensor, dims });
const matrix = reshaped(ints(1, -2, 3, 4, 0, -6), 2, 3);

type Attributes = Record<string, AttributeInput>;

function modelOfNode(
  operator: string,
  inputs: readonly Tensor[],
  attributes: Attributes,
  outputs: number,
): Model {
  const names = Array.from({ length: outputs }, (_, index) => `y${index}`);
  const node = createNode(
    operator,
    inputs.map((_, index) => `x${index}`),
    names,
    attributes,
  );
  const initializers = inputs.map((tensor, index) => [`x${index}`, tensor] as const);
  const graph = createGraph({ nodes: [node], outputs: [], initializers });
  const { valueTypes } = inferTypes(createModel({ graph, opset: 18 })).graph;
  const infos = names.map((name) => ({ name, type: valueTypes.get(name)! }));
  return createModel({ graph: { ...graph, outputs: infos }, opset: 18 });
}

/** Results of a run, as tensors of the IR. */
async function resultsOf(
  model: Model,
  feeds: Record<string, RuntimeTensor> = {},
): Promise<Map<string, Tensor>> {
  const results = Object.entries(await runModel(model, feeds));
  return new Map(
    results.map(([name, { type, dims, data }]) => [
      name,
      createTensor(type as DataType, dims, data),
    ]),
  );
}

/** Equal in type and shape; floats equal to within rounding of single precision. */
function expectSame(own: Tensor, reference: Tensor): void {
  expect(own.dtype).toBe(reference.dtype);
  expect(own.dims).toEqual(reference.dims);
  if (own.dtype === "int64") {
    expect(own.data).toEqual(reference.data);
    return;
  }
  const expected = numbersOf(reference);
  for (const [i, value] of numbersOf(own).entries()) {
    const tolerance = 1e-6 * Math.max(1, Math.abs(expected[i]!));
    if (!Object.is(value, expected[i]))
      expect(value).toBeCloseTo(expected[i]!, -Math.log10(2 * tolerance));
  }
}

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

  test("what has no portable result stays for the runtime", () => {
    const stays = (operator: string, ...inputs: Tensor[]) =>
      foldConstants(modelOfNode(operator, inputs, operator === "Cast" ? { to: 7 } : {}, 1)).graph
        .nodes;
    expect(stays("Div", ints(1), ints(0))).toHaveLength(1);
    expect(stays("Cast", floats(Number.NaN))).toHaveLength(1);
    expect(stays("Div", floats(1), floats(0))).toHaveLength(0);
  });
});

/** One step of a random program over a growing list of values. */
interface Step {
  readonly operator: string;
  readonly first: number;
  readonly second: number;
  readonly detail: number;
}

const binary = ["Add", "Sub", "Mul", "Max", "Min", "Equal", "Less"];
const steps = fc.array(
  fc.record({
    operator: fc.constantFrom(
      ...binary,
      ...[
        "Shape",
        "Gather",
        "Slice",
        "Concat",
        "Unsqueeze",
        "Reshape",
        "Transpose",
        "Expand",
        "Tile",
      ],
      ...["Neg", "Abs", "Cast", "ReduceSum", "ReduceMax", "CumSum", "Identity", "Where", "Split"],
    ),
    first: fc.nat(),
    second: fc.nat(),
    detail: fc.integer({ min: -3, max: 3 }),
  }),
  { minLength: 3, maxLength: 14 },
);

function nodeOf(
  { operator, first, second, detail }: Step,
  values: readonly string[],
  index: number,
): Node {
  const a = values[first % values.length]!;
  const b = values[second % values.length]!;
  const constant = `c${detail}`;
  const list = `l${detail}`;
  const inputs: Record<string, string[]> = {
    Gather: [a, constant],
    Slice: [a, list, "end", "l0"],
    Concat: [a, b],
    Unsqueeze: [a, "l0"],
    Reshape: [a, detail === 0 ? "l-1" : b],
    Expand: [a, b],
    Tile: [a, "l2"],
    ReduceSum: [a, list],
    ReduceMax: [a],
    CumSum: [a, "c0"],
    Where: ["flags", a, b],
  };
  const attributes: Record<string, Attributes> = {
    Concat: { axis: 0 },
    Cast: { to: detail > 0 ? 1 : 7 },
    ReduceMax: { axes: [0], keepdims: detail > 0 ? 1 : 0 },
  };
  const outputs = operator === "Split" ? [`v${index}`, `w${index}`] : [`v${index}`];
  const wanted = inputs[operator] ?? (binary.includes(operator) ? [a, b] : [a]);
  return createNode(operator, wanted, outputs, attributes[operator]);
}

/** Adds each step that is valid, and makes every value an output. */
function randomModel(program: readonly Step[]): Model {
  const constants = [-3, -2, -1, 0, 1, 2, 3];
  const initializers: [string, Tensor][] = [
    ...constants.map((value): [string, Tensor] => [`c${value}`, int(value)]),
    ...constants.map((value): [string, Tensor] => [`l${value}`, ints(value)]),
    ["end", ints(2 ** 31 - 1)],
    ["flags", bools(1, 0)],
    ["m", matrix],
    ["f", floats(0.5, -1.5)],
  ];
  let graph = createGraph({
    nodes: [],
    inputs: [valueInfo("x", "float32", ["batch", 2])],
    outputs: [],
    initializers,
  });
  let values = ["x", "m", "f", "l2", "c3"];
  for (const [index, step] of program.entries()) {
    const node = nodeOf(step, values, index);
    const next = { ...graph, nodes: [...graph.nodes, node] };
    if (!isValid(next, node)) continue;
    graph = next;
    values = [...values, ...node.outputs];
  }
  const { valueTypes } = inferTypes(createModel({ graph })).graph;
  const outputs = [...valueTypes].map(([name, { dtype }]) => valueInfo(name, dtype));
  return createModel({ graph: { ...graph, outputs } });
}

/** Whether all output sizes are known once `batch` is, and ONNX Runtime has a kernel for the type. */
function isValid(graph: Model["graph"], node: Node): boolean {
  try {
    const { valueTypes } = inferTypes(createModel({ graph }), { dims: { batch: 2 } }).graph;
    return node.outputs.every((name) => {
      const type = valueTypes.get(name);
      const sizes = type?.shape?.map(Number) ?? [Number.NaN];
      const fits = sizes.length <= 4 && sizes.reduce((a, b) => a * b, 1) <= 200;
      return fits && (type!.dtype !== "bool" || ["Equal", "Less"].includes(node.opType));
    });
  } catch {
    return false;
  }
}

describe("foldConstants", () => {
  test("random graphs compute the same as before, with batch open and bound", async () => {
    const x = new RuntimeTensor("float32", [1.5, -2, 0.25, 4], [2, 2]);
    let folded = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const model = randomModel(program);
        if (model.graph.outputs.length === 0) return;
        // Some programs are refused when they run: a Gather beyond the end, for one.
        const reference = await resultsOf(model, { x }).catch(() => undefined);
        fc.pre(reference !== undefined);
        for (const options of [{}, { dims: { batch: 2 } }]) {
          const simple = foldConstants(model, options);
          verify(simple);
          folded += model.graph.nodes.length - simple.graph.nodes.length;
          const results = await resultsOf(simple, { x });
          expect([...results.keys()].sort()).toEqual([...reference.keys()].sort());
          for (const [name, tensor] of reference) expectSame(results.get(name)!, tensor);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(folded).toBeGreaterThan(200);
  });

  test("the shape chain of a view goes, with batch open", () => {
    const graph = createGraph({
      inputs: [valueInfo("x", "float32", ["batch", 1280, 1, 1])],
      nodes: [
        createNode("Shape", ["x"], ["shape"]),
        createNode("Constant", [], ["zero"], { value: int(0) }),
        createNode("Gather", ["shape", "zero"], ["size"]),
        createNode("Constant", [], ["axes"], { value: ints(0) }),
        createNode("Unsqueeze", ["size", "axes"], ["list"]),
        createNode("Constant", [], ["rest"], { value: ints(-1) }),
        createNode("Concat", ["list", "rest"], ["target"], { axis: 0 }),
        createNode("Reshape", ["x", "target"], ["y"]),
      ],
      outputs: [valueInfo("y", "float32")],
    });
    expect(printGraph(foldConstants(createModel({ graph })).graph)).toBe(
      `graph graph(x: float32[batch, 1280, 1, 1]) -> (y: float32[batch, 1280])
  y_shape: int64[2] = [0, 1280]
  y = Reshape(x, y_shape)`,
    );
  });

  test("a constant larger than the limit stays computed, unless its input is as large", () => {
    const graph = createGraph({
      nodes: [
        createNode("ConstantOfShape", ["dims"], ["large"]),
        createNode("Transpose", ["weight"], ["turned"]),
        createNode("Expand", ["weight", "dims"], ["grown"]),
      ],
      outputs: ["large", "turned", "grown"].map((name) => valueInfo(name, "float32")),
      initializers: [
        ["dims", ints(2, 3, 4)],
        ["weight", reshaped(floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 3, 4)],
      ],
    });
    const operators = (maxElements: number) =>
      foldConstants(createModel({ graph }), { maxElements }).graph.nodes.map(
        ({ opType }) => opType,
      );
    expect(operators(24)).toEqual([]);
    expect(operators(10)).toEqual(["ConstantOfShape", "Expand"]);
  });

  test("a random operator is never folded", () => {
    const model = modelOfNode("RandomNormal", [], { shape: [2], seed: float(1) }, 1);
    expect(foldConstants(model).graph.nodes).toHaveLength(1);
  });

  test("folding twice changes nothing more", () => {
    const model = modelOfNode("Add", [matrix, matrix], {}, 1);
    const once = foldConstants(model);
    expect(foldConstants(once)).toEqual(once);
  });
});
