import { createQueue } from "../../concurrency.js";
import type { Runtime } from "../../runtime/runtime.js";
import type { StepEngine } from "../../train/step/step-engine.js";
import { StepRunner } from "../../train/step/step-runner.js";
import type { Port } from "../rpc/port.js";
import type { ErrorClasses } from "../rpc/sent-error.js";
import { serve } from "../rpc/server.js";
import { TRAINING, type TrainingMethods } from "./training-protocol.js";

/** What a home gives a training worker. */
export interface TrainingHome {
  /** Runs models on the worker's own thread. */
  readonly runtime: Promise<Runtime>;
  /** Classes that errors keep on their way to the caller, which has the same. */
  readonly errors: ErrorClasses;
}

/**
 * Makes this thread a training worker: it holds one step and its weights.
 *
 * @param port - To `openTrainingWorker`.
 */
export function serveTraining(port: Port, { runtime, errors }: TrainingHome): void {
  // `open` hears of the failure.
  runtime.catch(() => {});
  const queue = createQueue();
  let engine: StepEngine | undefined;
  const opened = (): StepEngine => {
    if (engine === undefined) throw new Error("internal: a training worker has no step");
    return engine;
  };
  serve<TrainingMethods>(
    port,
    TRAINING,
    {
      open: ({ step, settings, state }) =>
        queue(async () => {
          engine = await StepRunner.open(await runtime, step, settings, state);
          return undefined;
        }),
      update: ({ batches, learningRate }) => queue(() => opened().update(batches, learningRate)),
      evaluate: ({ batch }) => queue(() => opened().evaluate(batch)),
      gradients: ({ batch }) => queue(() => opened().gradients(batch)),
      apply: ({ gradients, learningRate }) =>
        queue(async () => {
          await opened().apply(gradients, learningRate);
          return undefined;
        }),
      assign: ({ values }) =>
        queue(async () => {
          await opened().assign(values);
          return undefined;
        }),
      values: () => queue(() => opened().values()),
      state: () => queue(() => opened().state()),
      close: () =>
        queue(async () => {
          await engine?.close();
          engine = undefined;
          return undefined;
        }),
    },
    errors,
  );
}
