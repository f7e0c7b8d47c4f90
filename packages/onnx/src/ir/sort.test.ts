import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGraph, createNode, valueInfo } from "./build.js";
import type { Node } from "./graph.js";
import { topologicalSort } from "./sort.js";

const chain = (length: number): Node[] =>
  Array.from({ length }, (_, i) => createNode("Relu", [`v${i}`], [`v${i + 1}`]));

describe("topologicalSort", () => {
  it("leaves sorted nodes as they are", () => {
    const nodes = [
      createNode("A", [], ["a"]),
      createNode("B", [], ["b"]),
      createNode("C", ["b", "a"], ["c"]),
    ];
    expect(topologicalSort(nodes)).toEqual(nodes);
  });

  it("puts producers first, whatever the order was", () => {
    const shuffled = fc.shuffledSubarray(chain(30), { minLength: 30 });
    fc.assert(
      fc.property(shuffled, (nodes) => {
        expect(topologicalSort(nodes)).toEqual(chain(30));
      }),
    );
  });

  it("counts what a subgraph takes from outside", () => {
    const body = createGraph({
      nodes: [createNode("Neg", ["a"], ["n"])],
      outputs: [valueInfo("n", "float32")],
    });
    const branch = createNode("If", ["c"], ["y"], { then_branch: body });
    const producer = createNode("Relu", ["x"], ["a"]);
    expect(topologicalSort([branch, producer])).toEqual([producer, branch]);
  });

  it("sorts a chain far deeper than the call stack", () => {
    expect(topologicalSort(chain(50_000).reverse())[0]?.inputs).toEqual(["v0"]);
  });

  it("refuses a cycle", () => {
    const nodes = [createNode("A", ["b"], ["a"]), createNode("B", ["a"], ["b"])];
    expect(() => topologicalSort(nodes)).toThrow(
      expect.objectContaining({ code: "onnx/invalid-graph" }),
    );
    expect(() => topologicalSort(nodes)).toThrow(
      'cycle: node B "b", node A "a", back to node B "b"',
    );
    expect(() => topologicalSort([createNode("A", ["a"], ["a"])])).toThrow(
      'cycle: node A "a", back to node A "a"',
    );
  });
});
