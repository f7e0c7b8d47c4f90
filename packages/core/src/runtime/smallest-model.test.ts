import { createGraph, createModel, createNode, valueInfo } from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { ortRuntime } from "./ort.js";
import { sessionModel } from "./session-model.js";
import { smallestModel } from "./smallest-model.js";

it("the smallest model is an Identity", () => {
  const graph = createGraph({
    inputs: [valueInfo("x", "float32", [1])],
    nodes: [createNode("Identity", ["x"], ["y"])],
    outputs: [valueInfo("y", "float32", [1])],
  });
  expect(smallestModel).toEqual(sessionModel(createModel({ graph })));
});

it("a runtime gets ready with it", async () => {
  await expect(ortRuntime(ort).initialize!()).resolves.toBeUndefined();
});
