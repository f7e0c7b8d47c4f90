import { expect, it } from "vitest";
import { createGraph, createModel, createNode, valueInfo } from "../ir/build.js";
import { numbersOf, tensorOf } from "../ir/tensor/tensor-data.js";
import { normalize } from "./normalize.js";

it("writes the pads of every axis, those before a transposition among them", async () => {
  const model = createModel({
    opset: 21,
    irVersion: 10,
    graph: createGraph({
      nodes: [
        createNode("Transpose", ["x"], ["t"], { perm: [0, 2, 1] }),
        createNode("Pad", ["t", "pads", "", "axes"], ["p"]),
        createNode("Transpose", ["p"], ["y"], { perm: [0, 2, 1] }),
      ],
      inputs: [valueInfo("x", "float32", [2, 3, 4])],
      outputs: [valueInfo("y", "float32")],
      initializers: [
        ["pads", tensorOf("int64", [2], [1, 2])],
        ["axes", tensorOf("int64", [1], [-2])],
      ],
    }),
  });
  const normal = normalize(model);
  const pad = normal.graph.nodes.find(({ opType }) => opType === "Pad")!;
  expect(numbersOf(normal.graph.initializers.get(pad.inputs[1]!)!)).toEqual([0, 1, 0, 0, 2, 0]);
  expect(pad.inputs[3] ?? "").toBe("");
});
