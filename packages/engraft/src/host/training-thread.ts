import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { OpenStepEngine, StepEngine } from "@engraft/core";
import "./no-telemetry.js";
import { fromSent } from "./sent-error.js";
import {
  buffersOf,
  type TrainingReply,
  type TrainingRequest,
  type TrainingResults,
} from "./training-protocol.js";

/**
 * Runs a training step on a thread of its own: a run blocks the thread that it is on, and the weights
 * stay where they are updated.
 */
export const openTrainingThread: OpenStepEngine = async (step, settings, state) => {
  const thread = new TrainingThread();
  try {
    // What is frozen runs elsewhere, and may be large.
    const above = { ...step, prefix: undefined };
    await thread.ask({ kind: "open", step: above, settings, state }, buffersOf(state));
  } catch (error) {
    await thread.stop();
    throw error;
  }
  return engineOn(thread);
};

function engineOn(thread: TrainingThread): StepEngine {
  return {
    update: (batches, learningRate) => thread.ask({ kind: "update", batches, learningRate }),
    evaluate: (batch) => thread.ask({ kind: "evaluate", batch }),
    gradients: (batch) => thread.ask({ kind: "gradients", batch }),
    apply: (gradients, learningRate) => thread.ask({ kind: "apply", gradients, learningRate }),
    assign: (values) => thread.ask({ kind: "assign", values }),
    values: () => thread.ask({ kind: "values" }),
    state: () => thread.ask({ kind: "state" }),
    async close() {
      // Stopped in the middle of a run, ONNX Runtime takes the whole process down.
      await thread.ask({ kind: "close" });
      await thread.stop();
    },
  };
}

/** Asks one thing at a time, in the order of the calls. */
class TrainingThread {
  readonly #worker = new Worker(new URL("./training-worker.js", import.meta.url));
  #last: Promise<unknown> = Promise.resolve();

  /** The buffers in `transfer` move to the thread. */
  ask<K extends TrainingRequest["kind"]>(
    request: Extract<TrainingRequest, { kind: K }>,
    transfer: ArrayBuffer[] = [],
  ): Promise<TrainingResults[K]> {
    const answer = this.#last.then(() => this.#exchange(request, transfer));
    this.#last = answer.catch(() => {});
    return answer as Promise<TrainingResults[K]>;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  async #exchange(
    request: TrainingRequest,
    transfer: ArrayBuffer[],
  ): Promise<TrainingResults[keyof TrainingResults]> {
    this.#worker.postMessage(request, transfer);
    // `once` rejects with what the thread throws outside of a request, such as a lack of memory.
    const [reply] = (await once(this.#worker, "message")) as [TrainingReply];
    if ("result" in reply) return reply.result;
    throw fromSent(reply.error);
  }
}
