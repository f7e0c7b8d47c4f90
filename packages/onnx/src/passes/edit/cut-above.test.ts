import { expect, it } from "vitest";
import { createGraph, createModel, createNode, inferTypes, valueInfo } from "../../index.js";
import { cutAbove } from "./cut-above.js";

/** y = tanh(x · w) + x */
const model = inferTypes(
  createModel({
    graph: createGraph({
      nodes: [
        createNode("MatMul", ["x", "w"], ["m"]),
        createNode("Tanh", ["m"], ["t"]),
        createNode("Add", ["t", "x"], ["y"]),
      ],
      initializers: [["w", { dtype: "float32", dims: [1, 1], data: Float32Array.of(2) }]],
      inputs: [valueInfo("x", "float32", ["batch", 1])],
      outputs: [valueInfo("y", "float32", ["batch", 1])],
    }),
  }),
);

it("reads the cut in the place of what computes it, and what else it needs", () => {
  const { graph } = cutAbove(model, ["t"], ["y"]);
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(["Add"]);
  expect(graph.inputs.map(({ name }) => name)).toEqual(["t", "x"]);
  expect(graph.initializers.size).toBe(0);
});

it("leaves out inputs that only the lower part reads", () => {
  const { graph } = cutAbove(model, ["m"], ["t"]);
  expect(graph.inputs.map(({ name }) => name)).toEqual(["m"]);
  expect(graph.outputs.map(({ name }) => name)).toEqual(["t"]);
});
