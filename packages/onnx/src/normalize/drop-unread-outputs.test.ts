import { expect, test } from "vitest";
import { expectSameFunction, modelOf, noise, operatorsOf } from "../../test/same-function.js";
import { createGraph, createNode, valueInfo } from "../ir/build.js";
import type { Node } from "../ir/graph.js";
import { dropUnreadOutputs } from "./drop-unread-outputs.js";
import { normalize } from "./normalize.js";

const feeds = { x: noise([2, 3, 4, 4]) };
const constants = { scale: noise([4]) };

function outputsAfter(nodes: readonly Node[], outputs: readonly string[] = ["y"]) {
  return dropUnreadOutputs(modelOf({ nodes, feeds, constants, outputs })).graph.nodes.map(
    (node) => node.outputs,
  );
}

test.for([
  ["Dropout", createNode("Dropout", ["x"], ["y", "mask"]), ["y"]],
  ["MaxPool", createNode("MaxPool", ["x"], ["y", "at"], { kernel_shape: [2, 2] }), ["y"]],
  ["LayerNormalization", createNode("LayerNormalization", ["x", "scale"], ["y", "m", "s"]), ["y"]],
  ["LSTM", createNode("LSTM", ["x", "w", "r"], ["all", "y", "c"]), ["", "y"]],
  // All outputs of these are the result.
  ["Split", createNode("Split", ["x"], ["y", "rest"], { num_outputs: 2 }), ["y", "rest"]],
  ["TopK", createNode("TopK", ["x", "k"], ["y", "at"]), ["y", "at"]],
] as const)("%s keeps the outputs that are read: %s", ([, node, kept]) => {
  expect(outputsAfter([node])).toEqual([kept]);
});

test("a mask that is an output, or read by a node or in a branch, stays", () => {
  const dropout = createNode("Dropout", ["x"], ["y", "mask"]);
  const branch = createGraph({
    nodes: [createNode("Identity", ["mask"], ["inner"])],
    outputs: [valueInfo("inner", "bool")],
  });
  const conditional = createNode("If", ["condition"], ["z"], {
    then_branch: branch,
    else_branch: branch,
  });
  expect(outputsAfter([dropout], ["y", "mask"])[0]).toEqual(["y", "mask"]);
  expect(outputsAfter([dropout, createNode("Not", ["mask"], ["z"])], ["y", "z"])[0]).toHaveLength(
    2,
  );
  expect(outputsAfter([dropout, conditional], ["y", "z"])[0]).toHaveLength(2);
});

test.for([7, 8, 9, 10, 11, 12, 13])(
  "a Dropout of operator set %i whose mask nobody reads is no obstacle",
  async (opset) => {
    const nodes = [createNode("Dropout", ["x"], ["d", "mask"]), createNode("Relu", ["d"], ["y"])];
    const model = await expectSameFunction({ nodes, feeds, opset }, normalize);
    expect(operatorsOf(model)).toEqual(["Relu"]);
  },
);

test("a mask of floats that is read is refused, as no newer operator set has it", () => {
  const nodes = [createNode("Dropout", ["x"], ["y", "mask"])];
  const model = modelOf({ nodes, feeds, outputs: ["y", "mask"], opset: 9 });
  expect(() => normalize(model)).toThrow(/Dropout.*its mask changed from floats to booleans/);
});
