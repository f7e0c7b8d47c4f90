import { expect, test } from "vitest";
import { createGraph, createModel, createNode, valueInfo } from "../../ir/build.js";
import type { Node } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import { foldConstants } from "./fold-constants.js";

const ints = (...values: number[]): Tensor => tensorOf("int64", [values.length], values);

function operatorsOf(node: Node): string[] {
  const graph = createGraph({
    inputs: [valueInfo("x", "float32", ["batch", 3]), valueInfo("fed", "int64", [2])],
    nodes: [
      createNode("Shape", ["x"], ["shape"]),
      createNode("Relu", ["x"], ["h"]),
      node,
      createNode("IsNaN", ["p"], ["flag"]),
    ],
    outputs: [valueInfo("flag", "bool")],
    initializers: [
      ["none", ints(0, 0, 0, 0)],
      ["some", ints(0, 0, 0, 1)],
      ["row", ints(1, 3)],
      ["rows", ints(2, 1, 3)],
    ],
  });
  return foldConstants(createModel({ graph })).graph.nodes.map(({ opType }) => opType);
}

const cases: readonly (readonly [string, Node, boolean])[] = [
  ["a cast to the same type", createNode("Cast", ["h"], ["p"], { to: 1 }), false],
  ["a cast to another type", createNode("Cast", ["h"], ["p"], { to: 11 }), true],
  ["an expansion to the own shape", createNode("Expand", ["h", "shape"], ["p"]), false],
  ["an expansion to less", createNode("Expand", ["h", "row"], ["p"]), false],
  ["an expansion to more", createNode("Expand", ["h", "rows"], ["p"]), true],
  ["an expansion to what is fed", createNode("Expand", ["h", "fed"], ["p"]), true],
  ["padding by nothing", createNode("Pad", ["h", "none"], ["p"]), false],
  ["padding by something", createNode("Pad", ["h", "some"], ["p"]), true],
];

test.for(cases)("%s", ([, node, stays]) => {
  expect(operatorsOf(node)).toEqual(stays ? ["Relu", node.opType, "IsNaN"] : ["Relu", "IsNaN"]);
});
