import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { runModel } from "../../../test/run-model.js";
import { createGraph, createModel, createNode, valueInfo } from "../../ir/build.js";
import { printGraph } from "../../ir/print.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import { verify } from "../../verify/verify.js";
import { cut } from "./cut.js";

const body = createGraph({
  nodes: [createNode("Mul", ["h1", "scale"], ["scaled"])],
  outputs: [valueInfo("scaled", "float32", ["batch"])],
});
const model = createModel({
  graph: createGraph({
    inputs: [
      valueInfo("x", "float32", ["batch"]),
      valueInfo("mask", "float32", ["batch"]),
      valueInfo("flag", "bool", []),
    ],
    nodes: [
      createNode("Add", ["x", "one"], ["h1"]),
      createNode("If", ["flag"], ["h2"], { then_branch: body, else_branch: body }),
      createNode("Mul", ["h2", "mask"], ["y"]),
    ],
    outputs: [valueInfo("y", "float32", ["batch"])],
    initializers: [
      ["one", tensorOf("float32", [], [1])],
      ["scale", tensorOf("float32", [], [10])],
      ["unused", tensorOf("float32", [], [0])],
    ],
    valueTypes: [
      ["h1", { dtype: "float32", shape: ["batch"] }],
      ["h2", { dtype: "float32", shape: ["batch"] }],
    ],
  }),
});

describe("cut", () => {
  it("keeps only what the value needs", () => {
    const { graph } = cut(model, ["h1"]);
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "graph graph(x: float32[batch]) -> (h1: float32[batch])
        one: float32[] = [1]
        h1 = Add(x, one)"
    `);
    expect(graph.valueTypes.size).toBe(0);
  });

  it("keeps what subgraphs read, and computes the same", async () => {
    const part = cut(model, ["h2", "h1"]);
    verify(part);
    expect(part.graph.inputs.map(({ name }) => name)).toEqual(["x", "flag"]);
    const feeds = { x: new Tensor("float32", [1, 2], [2]), flag: new Tensor("bool", [true], []) };
    const outputs = await runModel(part, feeds);
    expect(Object.keys(outputs)).toEqual(["h2", "h1"]);
    expect(outputs.h2?.data).toEqual(Float32Array.of(20, 30));
    expect(outputs.h1?.data).toEqual(Float32Array.of(2, 3));
  });

  it("remembers the type of an output that becomes an inner value", () => {
    const next = createNode("Neg", ["y"], ["z"]);
    const longer = createModel({
      graph: {
        ...model.graph,
        nodes: [...model.graph.nodes, next],
        outputs: [...model.graph.outputs, valueInfo("z", "float32")],
      },
    });
    expect(cut(longer, ["z"]).graph.valueTypes.get("y")).toEqual({
      dtype: "float32",
      shape: ["batch"],
    });
  });

  it("does not change the model", () => {
    const before = structuredClone(model);
    cut(model, ["h1"]);
    expect(model).toEqual(before);
  });

  it.each([
    [["h3"], "onnx/unknown-name", 'There is no value "h3". Did you mean "h1" or "h2"?'],
    [["scaled"], "onnx/unknown-name", 'There is no value "scaled".'],
    [["x"], "onnx/unknown-name", '"x" is an input of the graph'],
    [["one"], "onnx/unknown-name", '"one" is an initializer of the graph'],
    [[""], "onnx/unknown-name", 'There is no value "".'],
    [[], "onnx/invalid-graph", "name at least one value"],
  ])("refuses %j", (names, code, message) => {
    expect(() => cut(model, names)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("asks for type inference where the type is unknown", () => {
    const untyped = { ...model, graph: { ...model.graph, valueTypes: new Map() } };
    expect(() => cut(untyped, ["h1"])).toThrow(/type of "h1" is not known/);
  });
});
