import {
  createGraph,
  createModel,
  createNode,
  decodeModel,
  EngraftError,
  encodeModel,
  type Node,
  type Model as OnnxModel,
  tensorOf,
  valueInfo,
} from "@engraft/onnx";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openBatch } from "./graph/open-batch.js";
import { Model } from "./model.js";

const OPERATORS = [
  ...["Tile", "Concat", "Slice", "Gather", "Where", "Expand", "Reshape", "Shape", "Trilu", "Cast"],
  ...["ScatterND", "Add", "Split", "Squeeze", "Unsqueeze", "Range", "ConstantOfShape", "Transpose"],
  ...["MatMul", "Identity", "Pad", "Conv", "Resize", "ReduceMax", "NonZero", "Equal", "CumSum"],
];

/** A small network with arithmetic on sizes, in which every kind of evaluation happens. */
const nodes: readonly Node[] = [
  createNode("Shape", ["x"], ["shape"]),
  createNode("Gather", ["shape", "zero"], ["batch"]),
  createNode("Concat", ["batch", "sizes"], ["target"], { axis: 0 }),
  createNode("Reshape", ["x", "target"], ["map"]),
  createNode("Transpose", ["map"], ["turned"], { perm: [0, 2, 1] }),
  createNode("Slice", ["turned", "zero", "one", "one"], ["part"]),
  createNode("Expand", ["part", "target"], ["wide"]),
  createNode("Cast", ["wide"], ["floats"], { to: 1 }),
  createNode("MatMul", ["floats", "layer.weight"], ["product"]),
  createNode("Add", ["product", "layer.bias"], ["y"]),
];
const constants = [
  ["zero", tensorOf("int64", [1], [0])],
  ["one", tensorOf("int64", [1], [1])],
  ["sizes", tensorOf("int64", [2], [3, 3])],
  ["layer.weight", tensorOf("float32", [3, 2], [1, 2, 3, 4, 5, 6])],
  ["layer.bias", tensorOf("float32", [2], [1, 2])],
] as const;
const NAMES = ["", "x", ...constants.map(([name]) => name), ...nodes.flatMap((n) => n.outputs)];

const change: fc.Arbitrary<(node: Node) => Node> = fc.oneof(
  fc.constantFrom(...OPERATORS).map((opType) => (node: Node) => ({ ...node, opType })),
  fc.array(fc.constantFrom(...NAMES), { maxLength: 4 }).map((inputs) => (node: Node) => ({
    ...node,
    inputs,
  })),
  fc.array(fc.constantFrom(...NAMES), { maxLength: 2 }).map((outputs) => (node: Node) => ({
    ...node,
    outputs,
  })),
  fc.constantFrom(-5, -1, 1, 2, 7, 1e9).map((value) => (node: Node) => ({
    ...node,
    attributes: new Map([...node.attributes, ["axis", { kind: "int" as const, value }]]),
  })),
);
const mutations = fc.array(fc.tuple(fc.nat(nodes.length - 1), change), {
  minLength: 1,
  maxLength: 4,
});

function modelOf(changed: readonly Node[], opset: number): OnnxModel {
  const graph = createGraph({
    nodes: changed,
    inputs: [valueInfo("x", "float32", ["batch", 9])],
    outputs: [valueInfo("y", "float32")],
    initializers: constants,
  });
  return createModel({ graph, opset });
}

/** What a command does with a file: undefined, or the error that a user is shown. */
function outcomeOf(bytes: Uint8Array): unknown {
  try {
    const model = Model.fromOnnx(openBatch(decodeModel(bytes)));
    String(model.summary());
    void model.taps;
    return undefined;
  } catch (error) {
    return error;
  }
}

function expectExplained(error: unknown): void {
  if (error !== undefined) expect(error).toBeInstanceOf(EngraftError);
}

describe("a file with a damaged graph", () => {
  test("is read, or refused by an error that explains it", () => {
    const opsets = fc.constantFrom(7, 11, 13, 17, 21);
    expect(outcomeOf(encodeModel(modelOf(nodes, 17)))).toBeUndefined();
    fc.assert(
      fc.property(mutations, opsets, (changes, opset) => {
        const changed = [...nodes];
        for (const [at, mutate] of changes) changed[at] = mutate(changed[at]!);
        expectExplained(outcomeOf(encodeModel(modelOf(changed, opset))));
      }),
      { numRuns: 500 },
    );
  });

  test("is read, or refused, whichever bytes are changed", () => {
    const bytes = encodeModel(modelOf(nodes, 17));
    const edits = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(edits, (changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, byte] of changes) damaged[at] = byte;
        expectExplained(outcomeOf(damaged));
      }),
      { numRuns: 500 },
    );
  });
});
