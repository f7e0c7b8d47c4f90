import { expect, test } from "vitest";
import { createGraph, createModel, createNode, valueInfo } from "../../ir/build.js";
import type { Graph, Node } from "../../ir/graph.js";
import { printGraph } from "../../ir/print.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import { foldConstants } from "./fold-constants.js";
import { removeIdentities } from "./fold-identities.js";

const same = (input: string, output: string) => createNode("Identity", [input], [output]);

function graphOf(nodes: readonly Node[], ...outputs: string[]): Graph {
  return createGraph({
    inputs: [valueInfo("x", "float32", [2])],
    nodes,
    outputs: outputs.map((name) => valueInfo(name, "float32", [2])),
  });
}

const bodyOf = (graph: Graph) =>
  printGraph(graph)
    .split("\n")
    .slice(1)
    .map((line) => line.trim());

test("a chain in the middle goes", () => {
  const graph = graphOf(
    [same("x", "a"), same("a", "b"), createNode("Add", ["a", "b"], ["y"])],
    "y",
  );
  expect(bodyOf(removeIdentities(graph))).toEqual(["y = Add(x, x)"]);
});

test("a graph output keeps its name", () => {
  const graph = graphOf([createNode("Relu", ["x"], ["a"]), same("a", "b"), same("b", "y")], "y");
  expect(bodyOf(removeIdentities(graph))).toEqual(["y = Relu(x)"]);
});

test("two outputs of the same value are both kept", () => {
  const graph = graphOf(
    [createNode("Relu", ["x"], ["a"]), same("a", "y"), same("a", "z")],
    "y",
    "z",
  );
  expect(bodyOf(removeIdentities(graph))).toEqual(["y = Relu(x)", "z = Identity(y)"]);
  const direct = graphOf([createNode("Relu", ["x"], ["y"]), same("y", "z")], "y", "z");
  expect(bodyOf(removeIdentities(direct))).toEqual(["y = Relu(x)", "z = Identity(y)"]);
});

test("an input that is passed to an output stays", () => {
  expect(bodyOf(removeIdentities(graphOf([same("x", "y")], "y")))).toEqual(["y = Identity(x)"]);
});

test("a name that a branch reads is followed", () => {
  const branch = (output: string) =>
    createGraph({
      nodes: [createNode("Relu", ["a"], [output])],
      outputs: [valueInfo(output, "float32")],
    });
  const conditional = createNode("If", ["flag"], ["y"], {
    then_branch: branch("p"),
    else_branch: branch("q"),
  });
  const graph = removeIdentities(graphOf([same("x", "a"), conditional], "y"));
  expect(printGraph(graph)).toContain("p = Relu(x)");
});

test("weights that an exporter merged become separate again", () => {
  const weight = tensorOf("float32", [2], [1, 2]);
  const nodes = [
    same("w", "otherLayer.bias"),
    createNode("Add", ["x", "w"], ["h"]),
    createNode("Mul", ["h", "otherLayer.bias"], ["y"]),
  ];
  const graph = { ...graphOf(nodes, "y"), initializers: new Map([["w", weight]]) };
  const folded = foldConstants(createModel({ graph })).graph;
  expect(bodyOf(folded)).toEqual([
    "w: float32[2] = [1, 2]",
    "otherLayer.bias: float32[2] = [1, 2]",
    "h = Add(x, w)",
    "y = Mul(h, otherLayer.bias)",
  ]);
});
