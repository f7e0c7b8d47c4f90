import { createGraph, createModel, createNode, valueInfo } from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { RuntimeError } from "../errors.js";
import { explainRuntimeError } from "./explain.js";
import { ortRuntime } from "./ort.js";
import { sessionModel } from "./session-model.js";

/** y = op(a, b), with vectors of any length. */
function binary(opType: string) {
  return createModel({
    graph: createGraph({
      nodes: [createNode(opType, ["a", "b"], ["y"])],
      inputs: [valueInfo("a", "float32", ["n"]), valueInfo("b", "float32", ["m"])],
      outputs: [valueInfo("y", "float32", [null])],
    }),
  });
}

const vector = (length: number) =>
  ({ dtype: "float32", dims: [length], data: new Float32Array(length) }) as const;

it("says what ONNX Runtime has against a model", async () => {
  const session = ortRuntime(ort).createSession(sessionModel(binary("NoSuchOperator")));
  const error = await session.catch((refused: unknown) => refused);
  expect(error).toBeInstanceOf(RuntimeError);
  expect(error).toMatchObject({ code: "runtime/load" });
  expect((error as RuntimeError).message).toMatch(
    /^ONNX Runtime cannot load this model: .*NoSuchOperator/,
  );
});

it("says why a run stopped, without places in its source", async () => {
  const session = await ortRuntime(ort).createSession(sessionModel(binary("Add")));
  const feeds = new Map([
    ["a", vector(4)],
    ["b", vector(8)],
  ]);
  const error = await session.run(feeds).catch((stopped: unknown) => stopped);
  await session.release();
  expect(error).toMatchObject({ code: "runtime/run" });
  expect((error as RuntimeError).message).toMatch(
    /^ONNX Runtime stopped while it ran the model: .*Add/,
  );
  expect((error as RuntimeError).detail).not.toMatch(/\.(?:cc|h):\d|\n/);
});

it.each([
  [
    "\x1b[1;31m/onnxruntime_src/core/arena.cc:376 Failed to allocate memory\x1b[m",
    "Failed to allocate memory",
  ],
  ["std::bad_alloc", "std::bad_alloc"],
])("tells a lack of memory: %j", (said, detail) => {
  expect(explainRuntimeError(new Error(said), "run")).toMatchObject({
    code: "runtime/memory",
    detail,
  });
});
