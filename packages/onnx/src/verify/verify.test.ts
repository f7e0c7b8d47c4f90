import { describe, expect, it } from "vitest";
import { createGraph, createModel, createNode, valueInfo } from "../ir/build.js";
import type { Graph, Model } from "../ir/graph.js";
import { tensorOf } from "../ir/tensor/tensor-data.js";
import { verify } from "./verify.js";

const x = valueInfo("x", "float32", ["batch"]);
const y = valueInfo("y", "float32", ["batch"]);

function modelOf(parts: Partial<Graph>): Model {
  return createModel({ graph: createGraph({ nodes: [], inputs: [x], outputs: [y], ...parts }) });
}

describe("verify", () => {
  it("accepts a sound model with subgraphs that read outer values", () => {
    const branch = (name: string): Graph =>
      createGraph({
        nodes: [createNode("Add", ["x", "w"], [name])],
        outputs: [valueInfo(name, "float32")],
      });
    const model = modelOf({
      inputs: [x, valueInfo("flag", "bool", [])],
      nodes: [
        createNode("If", ["flag"], ["h"], { then_branch: branch("a"), else_branch: branch("a") }),
        createNode("Clip", ["h", "", "w"], ["y"]),
      ],
      initializers: new Map([["w", tensorOf("float32", [], [1])]]),
    });
    expect(() => verify(model)).not.toThrow();
  });

  it("accepts a loop whose body returns its own input", () => {
    const body = createGraph({
      nodes: [],
      inputs: [
        valueInfo("i", "int64", []),
        valueInfo("go", "bool", []),
        valueInfo("state", "float32"),
      ],
      outputs: [valueInfo("go", "bool", []), valueInfo("state", "float32")],
    });
    const nodes = [createNode("Loop", ["", "", "x"], ["y"], { body })];
    expect(() => verify(modelOf({ nodes }))).not.toThrow();
  });

  const relu = createNode("Relu", ["x"], ["y"]);
  const inBranch = (graph: Partial<Graph>): Partial<Graph> => ({
    nodes: [
      createNode("If", ["x"], ["y"], {
        then_branch: createGraph({ nodes: [], outputs: [], ...graph }),
      }),
    ],
  });
  it.each<[string, Partial<Graph>, string]>([
    [
      "a value that nothing defines",
      { nodes: [createNode("Add", ["x", "w"], ["y"])] },
      'node Add "y" reads "w", which nothing defines',
    ],
    [
      "nodes out of order",
      { nodes: [createNode("Relu", ["h"], ["y"]), createNode("Relu", ["x"], ["h"])] },
      'node Relu "y" reads "h", before it is computed',
    ],
    [
      "a node that reads itself",
      { nodes: [createNode("Add", ["x", "y"], ["y"])] },
      'node Add "y" reads "y", before it is computed',
    ],
    ["a value defined twice", { nodes: [relu, relu] }, 'node Relu "y" defines "y" again'],
    [
      "an input that is an initializer",
      { nodes: [relu], initializers: new Map([["x", tensorOf("float32", [], [1])]]) },
      'an initializer defines "x" again',
    ],
    ["two inputs of one name", { inputs: [x, x], nodes: [relu] }, 'an input defines "x" again'],
    [
      "an input without a name",
      { inputs: [x, valueInfo("", "float32")], nodes: [relu] },
      "an input has no name",
    ],
    ["an output that nothing computes", {}, 'output "y" of graph "graph" is not computed in it'],
    [
      "a tensor of another size",
      {
        nodes: [relu],
        initializers: new Map([
          ["w", { dtype: "float32", dims: [2, 2], data: new Float32Array(3) }],
        ]),
      },
      'initializer "w" has shape [2, 2] and 3 elements',
    ],
    [
      "an attribute tensor of another size",
      {
        nodes: [
          createNode("Constant", [], ["y"], {
            value: { dtype: "bool", dims: [2], data: new Uint8Array(1) },
          }),
        ],
      },
      '"value" of node Constant "y" has shape [2] and 1 elements',
    ],
    [
      "a domain without an operator set",
      { nodes: [createNode("Gelu", ["x"], ["y"], {}, { domain: "com.microsoft" })] },
      'the model names no operator set for domain "com.microsoft"',
    ],
    [
      "a subgraph that hides an outer value",
      inBranch({ nodes: [createNode("Neg", ["x"], ["x"])] }),
      'node Neg "x" defines "x" again',
    ],
    [
      "a subgraph that returns an outer value",
      inBranch({ outputs: [x] }),
      'output "x" of graph "graph" is not computed in it',
    ],
    [
      "a subgraph that reads a later value",
      inBranch({ nodes: [createNode("Neg", ["y"], ["n"])] }),
      'node Neg "n" reads "y", which nothing defines',
    ],
  ])("refuses %s", (_case, parts, problem) => {
    expect(() => verify(modelOf(parts))).toThrow(problem);
  });

  it("lists every problem in one error", () => {
    const model = { ...modelOf({ nodes: [createNode("Add", ["a", "b"], ["c"])] }), irVersion: 3 };
    expect(() => verify(model)).toThrow(expect.objectContaining({ code: "onnx/invalid-graph" }));
    expect(() => verify(model)).toThrowErrorMatchingInlineSnapshot(`
      [OnnxError: The graph "graph" breaks the rules of ONNX:
      - IR version 3 does not know constant initializers; use 4 or later
      - node Add "c" reads "a", which nothing defines
      - node Add "c" reads "b", which nothing defines
      - output "y" of graph "graph" is not computed in it]
    `);
  });
});
