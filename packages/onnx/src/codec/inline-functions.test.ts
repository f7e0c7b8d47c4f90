import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
} from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { runModel } from "../../test/run-model.js";
import { decodeModel } from "./decode-model.js";

type ModelInit = Exclude<MessageInitShape<typeof ModelProtoSchema>, { $typeName: string }>;
type Functions = NonNullable<ModelInit["functions"]>;
type Nodes = NonNullable<NonNullable<ModelInit["graph"]>["node"]>;

const opset = [{ domain: "", version: 17n }];
const own = [...opset, { domain: "own", version: 1n }];

function bytesOf(functions: Functions, node: Nodes, opsetImport = own): Uint8Array {
  const info = (name: string) => ({
    name,
    type: {
      value: {
        case: "tensorType" as const,
        value: {
          elemType: DataType.FLOAT,
          shape: { dim: [{ value: { case: "dimValue" as const, value: 3n } }] },
        },
      },
    },
  });
  const graph = { name: "main", node, input: [info("x")], output: [info("y")] };
  const model = create(ModelProtoSchema, { irVersion: 8n, opsetImport, functions, graph });
  return toBinary(ModelProtoSchema, model);
}

const call = (
  opType: string,
  input: string[],
  output: string[],
  attribute: Nodes[0]["attribute"] = [],
) => ({
  domain: "own",
  opType,
  input,
  output,
  attribute,
});
const float = (name: string, f: number) => ({ name, type: AttributeType.FLOAT, f });
const reference = (name: string, refAttrName: string) => ({
  name,
  refAttrName,
  type: AttributeType.FLOAT,
});

const leaky = {
  domain: "own",
  name: "Leaky",
  input: ["a"],
  output: ["c"],
  attribute: ["alpha"],
  opsetImport: opset,
  node: [
    { opType: "LeakyRelu", input: ["a"], output: ["c"], attribute: [reference("alpha", "alpha")] },
  ],
};

/** Calls `Leaky` with a slope that has a default. */
const block = {
  domain: "own",
  name: "Block",
  input: ["a", "b"],
  output: ["c"],
  attributeProto: [float("slope", 0.25)],
  opsetImport: own,
  node: [
    { opType: "Mul", input: ["a", "a"], output: ["y"] },
    { opType: "Sub", input: ["y", "b"], output: ["t"] },
    call("Leaky", ["t"], ["c"], [reference("alpha", "slope")]),
  ],
};

/** A branch inside a function, with a name that the main graph has too. */
const chooser = {
  domain: "own",
  name: "Choose",
  input: ["a"],
  output: ["c"],
  opsetImport: opset,
  node: [
    {
      opType: "ReduceSum",
      input: ["a"],
      output: ["s"],
      attribute: [{ name: "keepdims", type: AttributeType.INT, i: 0n }],
    },
    {
      opType: "Cast",
      input: ["s"],
      output: ["yes"],
      attribute: [{ name: "to", type: AttributeType.INT, i: 9n }],
    },
    {
      opType: "If",
      input: ["yes"],
      output: ["c"],
      attribute: ["Relu", "Neg"].map((opType, index) => ({
        name: index === 0 ? "then_branch" : "else_branch",
        type: AttributeType.GRAPH,
        g: {
          name: opType,
          node: [{ opType, input: ["a"], output: ["t"] }],
          output: [{ name: "t" }],
        },
      })),
    },
  ],
};

const relu = (input: string, output: string) => ({
  opType: "Relu",
  input: [input],
  output: [output],
});

describe("calls of model-local functions", () => {
  it.each<[string, Functions, Nodes]>([
    ["one", [leaky], [call("Leaky", ["x"], ["y"], [float("alpha", 0.5)])]],
    ["without the attribute, which has no default", [leaky], [call("Leaky", ["x"], ["y"])]],
    [
      "nested, with attributes handed on, and a default",
      [leaky, block],
      [call("Block", ["x", "x"], ["h"], [float("slope", 0.5)]), call("Block", ["h", "x"], ["y"])],
    ],
    [
      "twice, with branches, among names of the main graph",
      [chooser],
      [relu("x", "t"), call("Choose", ["t"], ["s"]), call("Choose", ["s"], ["y"])],
    ],
  ])("%s: computes what ONNX Runtime computes", async (_, functions, nodes) => {
    const bytes = bytesOf(functions, nodes);
    const model = decodeModel(bytes);
    expect(model.graph.nodes.every(({ domain }) => domain === "")).toBe(true);
    const feeds = () => ({ x: new Tensor("float32", Float32Array.of(-2, 0.5, 3), [3]) });
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
    const expected = (await session.run(feeds())).y!.data;
    await session.release();
    expect((await runModel(model, feeds())).y!.data).toEqual(expected);
  });

  it("may give back what they are given", () => {
    const same = { ...leaky, name: "Same", output: ["a"], node: [] };
    const { nodes } = decodeModel(bytesOf([same], [call("Same", ["x"], ["y"])])).graph;
    expect(nodes.map(({ opType, inputs, outputs }) => [opType, ...inputs, ...outputs])).toEqual([
      ["Identity", "x", "y"],
    ]);
  });

  it("may bring the operator set of a domain that only they use", () => {
    const inner = { ...leaky, opsetImport: [...opset, { domain: "com.microsoft", version: 1n }] };
    const { opsets } = decodeModel(bytesOf([inner], [call("Leaky", ["x"], ["y"])]));
    expect(opsets.get("com.microsoft")).toBe(1);
  });

  it.each<[string, Functions, RegExp]>([
    [
      "recursion",
      [{ ...leaky, opsetImport: own, node: [call("Leaky", ["a"], ["c"])] }],
      /function "own.Leaky" calls itself/,
    ],
    [
      "another operator set",
      [{ ...leaky, opsetImport: [{ domain: "", version: 9n }] }],
      /"own.Leaky" is written in operator set 9 of "ai.onnx", and the model in 17/,
    ],
    [
      "exponential growth",
      Array.from({ length: 40 }, (_, depth) => ({
        ...leaky,
        name: depth === 0 ? "Leaky" : `F${depth}`,
        opsetImport: own,
        node: [call(`F${depth + 1}`, ["a"], ["b"]), call(`F${depth + 1}`, ["b"], ["c"])],
      })),
      /calls of model-local functions become more than 100000 nodes/,
    ],
  ])("%s is refused", (_, functions, message) => {
    expect(() => decodeModel(bytesOf(functions, [call("Leaky", ["x"], ["y"])]))).toThrow(message);
  });
});

describe("ZipMap", () => {
  it("stands for the tensor that it names by labels", () => {
    const bytes = bytesOf(
      [],
      [relu("x", "p"), { domain: "ai.onnx.ml", opType: "ZipMap", input: ["p"], output: ["y"] }],
      [...opset, { domain: "ai.onnx.ml", version: 3n }],
    );
    const { graph } = decodeModel(bytes);
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(["Relu"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["p"]);
  });
});
