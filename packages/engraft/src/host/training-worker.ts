/** Entry of a training thread: holds one step and its weights. A run of it blocks the thread. */
import { parentPort } from "node:worker_threads";
import { ortRuntime, type StepEngine, StepRunner } from "@engraft/core";
import { loadOnnxRuntime } from "./onnx-runtime.js";
import { toSent } from "./sent-error.js";
import {
  buffersOf,
  type TrainingReply,
  type TrainingRequest,
  type TrainingResults,
} from "./training-protocol.js";

let engine: StepEngine | undefined;

parentPort?.on("message", (request: TrainingRequest) => {
  answer(request).then(
    (result) =>
      post({ result }, result !== undefined && "weights" in result ? buffersOf(result) : []),
    (error: unknown) => post({ error: toSent(error) }),
  );
});

async function answer(request: TrainingRequest): Promise<TrainingResults[keyof TrainingResults]> {
  if (request.kind === "open") {
    const runtime = ortRuntime(await loadOnnxRuntime());
    engine = await StepRunner.open(runtime, request.step, request.settings, request.state);
    return undefined;
  }
  if (engine === undefined)
    throw new Error("internal: a training thread was asked before it was opened");
  switch (request.kind) {
    case "update":
      return engine.update(request.batches, request.learningRate);
    case "evaluate":
      return engine.evaluate(request.batch);
    case "gradients":
      return engine.gradients(request.batch);
    case "apply":
      await engine.apply(request.gradients, request.learningRate);
      return undefined;
    case "assign":
      await engine.assign(request.values);
      return undefined;
    case "values":
      return engine.values();
    case "state":
      return engine.state();
    case "close":
      await engine.close();
      return undefined;
  }
}

function post(reply: TrainingReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}
