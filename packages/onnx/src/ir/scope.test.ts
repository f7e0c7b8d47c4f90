import { expect, it } from "vitest";
import { createGraph, createNode, valueInfo } from "./build.js";
import { allNames, capturedBy, definitionsOf, readsOf } from "./scope.js";
import { tensorOf } from "./tensor/tensor-data.js";

const inner = createGraph({
  nodes: [createNode("Add", ["outer", "w"], ["sum"]), createNode("Neg", ["sum"], ["negated"])],
  outputs: [valueInfo("negated", "float32")],
  initializers: [["w", tensorOf("float32", [], [1])]],
});
const branch = createNode("If", ["flag", ""], ["y", ""], { then_branch: inner });
const graph = createGraph({
  inputs: [valueInfo("flag", "bool"), valueInfo("outer", "float32")],
  nodes: [branch],
  outputs: [valueInfo("y", "float32")],
});

it("readsOf includes what subgraphs capture, at any depth", () => {
  expect(capturedBy(inner)).toEqual(new Set(["outer"]));
  expect(readsOf(branch)).toEqual(["flag", "outer"]);
  const nested = createGraph({ nodes: [branch], outputs: [valueInfo("y", "float32")] });
  expect(readsOf(createNode("Loop", [], [], { body: nested }))).toEqual(["flag", "outer"]);
});

it("definitionsOf stays in one graph, allNames enters the subgraphs", () => {
  expect(definitionsOf(graph)).toEqual(new Set(["flag", "outer", "y"]));
  expect(allNames(graph)).toEqual(new Set(["flag", "outer", "y", "w", "sum", "negated"]));
});
