// A case as export.py wrote it, and its model with the loss on top.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { append, createGraph, createNode, decodeModel, encodeModel, tensorOf } from "@engraft/onnx";
import { readSafetensors } from "./safetensors.mjs";

/** Name of the loss in the model. */
export const LOSS = "half mean square";

/** What is in the folder of a case. */
export function readCase(folder) {
  const inputs = readSafetensors(join(folder, "inputs.safetensors"));
  return {
    ...JSON.parse(readFileSync(join(folder, "case.json"), "utf8")),
    model: readFileSync(join(folder, "model.onnx")),
    inputs,
    reference: readSafetensors(join(folder, "reference.safetensors")),
  };
}

/** The model with `½ mean (output - target)²` as its output, and `target` as an input. */
export function appendLoss(bytes, output) {
  const model = decodeModel(bytes);
  const { type } = model.graph.outputs.find(({ name }) => name === output);
  const loss = createGraph({
    name: "loss",
    inputs: [
      { name: "output", type },
      { name: "target", type },
    ],
    outputs: [{ name: LOSS, type: { dtype: "float32", shape: [] } }],
    initializers: new Map([["half", tensorOf("float32", [], [0.5])]]),
    nodes: [
      createNode("Sub", ["output", "target"], ["difference"]),
      createNode("Mul", ["difference", "difference"], ["square"]),
      createNode("ReduceMean", ["square"], ["mean"], { keepdims: 0 }),
      createNode("Mul", ["mean", "half"], [LOSS]),
    ],
  });
  return encodeModel(append(model, loss, { output }));
}
