import { describe, expect, it } from "vitest";
import { createGraph, createModel, createNode, valueInfo } from "../ir/build.js";
import type { Graph, Model, Node } from "../ir/graph.js";
import { tensorOf } from "../ir/tensor/tensor-data.js";
import { decodeModel } from "./decode-model.js";
import { encodeModel } from "./encode.js";

const x = valueInfo("x", "float32", ["batch", 2]);
const y = valueInfo("y", "float32", ["batch", 2]);
const w = tensorOf("float32", [2, 2], [1, 2, 3, 4]);

function modelOf(nodes: readonly Node[], parts: Partial<Graph> = {}): Model {
  const graph = createGraph({ nodes, inputs: [x], outputs: [y], initializers: [["w", w]] });
  return createModel({ graph: { ...graph, ...parts } });
}

function reread(model: Model): Model {
  return decodeModel(encodeModel(model));
}

describe("decodeModel refuses a graph that breaks the rules of ONNX", () => {
  it.each<[string, readonly Node[], string]>([
    [
      "an Identity that gives its input back",
      [createNode("Identity", ["x"], ["x"]), createNode("MatMul", ["x", "w"], ["y"])],
      'node Identity "x" defines "x" again',
    ],
    [
      "an input that is computed from itself",
      [createNode("Expand", ["x", "w"], ["e"]), createNode("Cast", ["e"], ["x"], { to: 1 })],
      'node Cast "x" defines "x" again',
    ],
    [
      "a cycle",
      [createNode("Add", ["x", "b"], ["a"]), createNode("Relu", ["a"], ["b"])],
      'the nodes form a cycle: node Relu "b", node Add "a", back to node Relu "b"',
    ],
    [
      "a node that reads itself",
      [createNode("Add", ["x", "y"], ["y"])],
      'the nodes form a cycle: node Add "y", back to node Add "y"',
    ],
    [
      "a value that is defined twice",
      [createNode("Relu", ["x"], ["y"]), createNode("Neg", ["x"], ["y"])],
      'node Neg "y" defines "y" again',
    ],
    [
      "a value that nothing defines",
      [createNode("MatMul", ["x", "nope"], ["y"])],
      'node MatMul "y" reads "nope", which nothing defines',
    ],
    [
      "a node without its output",
      [createNode("Relu", ["x"], ["y"]), createNode("Tile", ["x", "w"], [])],
      "node Tile has 0 outputs, and its operator has 1",
    ],
    [
      "a node with too few inputs",
      [createNode("ScatterND", ["x", "w"], ["y"])],
      'node ScatterND "y" has 2 inputs, and its operator has 3',
    ],
    [
      "a needed input that is left out",
      [createNode("Where", ["", "x", "w"], ["y"])],
      'node Where "y" leaves out input 0, which its operator needs',
    ],
    [
      "an input of a list that is left out",
      [createNode("Sum", ["x", ""], ["y"])],
      'node Sum "y" leaves out input 1, which its operator needs',
    ],
  ])("%s", (_case, nodes, problem) => {
    const action = () => reread(modelOf(nodes));
    expect(action).toThrow(problem);
    expect(action).toThrow(expect.objectContaining({ code: "onnx/invalid-graph" }));
  });
});

describe("decodeModel reads what ONNX Runtime reads", () => {
  it("nodes in any order, which it sorts", () => {
    const last = createNode("Relu", ["h"], ["y"]);
    const first = createNode("Neg", ["x"], ["h"]);
    expect(reread(modelOf([last, first])).graph.nodes).toEqual([first, last]);
  });

  it("a branch that reads what a later node computes", () => {
    const branch = (name: string): Graph =>
      createGraph({
        nodes: [createNode("Relu", ["h"], [name])],
        outputs: [valueInfo(name, "float32")],
      });
    const conditional = createNode("If", ["flag"], ["y"], {
      then_branch: branch("a"),
      else_branch: branch("b"),
    });
    const first = createNode("Neg", ["x"], ["h"]);
    const model = modelOf([conditional, first], { inputs: [x, valueInfo("flag", "bool", [])] });
    expect(reread(model).graph.nodes.map(({ opType }) => opType)).toEqual(["Neg", "If"]);
  });

  it("an output that is listed twice", () => {
    const model = modelOf([createNode("Relu", ["x"], ["y"])], { outputs: [y, y] });
    expect(reread(model).graph.outputs).toEqual([y, y]);
  });

  it("operators of its own whose set is not named", () => {
    const gelu = createNode("Gelu", ["x"], ["y"], {}, { domain: "com.microsoft" });
    expect(reread(modelOf([gelu])).opsets.get("com.microsoft")).toBe(1);
    expect(reread(modelOf([createNode("Relu", ["x"], ["y"])])).opsets.size).toBe(1);
  });

  it("optional inputs that are left out, and operators of unknown domains", () => {
    const clip = createNode("Clip", ["x", "", "w"], ["h"]);
    const custom = createNode("Foo", ["h", "", ""], ["y"], {}, { domain: "org.example" });
    const model = modelOf([clip, custom]);
    const opsets = new Map([...model.opsets, ["org.example", 3]]);
    expect(reread({ ...model, opsets }).graph.nodes).toEqual([clip, custom]);
  });
});
