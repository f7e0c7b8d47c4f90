import type { OpenStepEngine, StepEngine } from "../../train/step/step-engine.js";
import { RpcClient } from "../rpc/client.js";
import type { Port } from "../rpc/port.js";
import type { ErrorClasses } from "../rpc/sent-error.js";
import { TRAINING, type TrainingMethods } from "./training-protocol.js";

/**
 * Runs training steps in workers: a run blocks the thread that it is on, and the weights stay where
 * they are updated. A worker that dies takes the weights along: all calls of its engine fail.
 *
 * @param start - Starts a worker that calls `serveTraining`; one for each step.
 * @param errors - Classes that errors of workers keep; the workers have the same.
 */
export function trainingWorkers(start: () => Port, errors: ErrorClasses): OpenStepEngine {
  return async (step, settings, state) => {
    const worker = new RpcClient<TrainingMethods>(start(), TRAINING, errors);
    try {
      await worker.call("open", { step: { ...step, prefix: undefined }, settings, state });
    } catch (error) {
      await worker.close();
      throw error;
    }
    return engineOf(worker);
  };
}

function engineOf(worker: RpcClient<TrainingMethods>): StepEngine {
  return {
    update: (batches, learningRate) => worker.call("update", { batches, learningRate }),
    evaluate: (batch) => worker.call("evaluate", { batch }),
    gradients: (batch) => worker.call("gradients", { batch }),
    apply: (gradients, learningRate) => worker.call("apply", { gradients, learningRate }),
    assign: (values) => worker.call("assign", { values }),
    values: () => worker.call("values", undefined),
    state: () => worker.call("state", undefined),
    async close() {
      // Stopped in the middle of a run, ONNX Runtime takes the whole process down.
      if (worker.failure === undefined) await worker.call("close", undefined);
      await worker.close();
    },
  };
}
