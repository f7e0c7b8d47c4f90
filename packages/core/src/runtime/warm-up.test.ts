import { decodeModel } from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { IDENTITY_MODEL, warmedUp } from "./warm-up.js";

it("ONNX Runtime is warmed up with a model of one node", async () => {
  const { graph } = decodeModel(Uint8Array.from(Buffer.from(IDENTITY_MODEL, "hex")));
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(["Identity"]);
  expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
  expect(await warmedUp(ort)).toBe(ort);
});
