import {
  type FitConfigInput,
  type FitResult,
  type FoundLearningRate,
  findModelLearningRate,
  fitModel,
  type LearningRateSweepOptions,
  type Model,
  type OnTrainingEvent,
  parseFitConfig,
  type Truncated,
} from "@engraft/core";
import type { ReadingOptions, RunOptions } from "../sources/options.js";
import type { Workspace } from "../workspace.js";
import { openCheckpoints } from "./checkpoints.js";
import {
  divideOptions,
  type ModelTrainingData,
  openExamples,
  type TensorSplits,
} from "./examples.js";
import { modelTruncationWarning } from "./truncation.js";

/** How to train, and what happens on the way. Every part has a default. */
export interface FitOptions extends FitConfigInput, ReadingOptions, RunOptions {
  /** Told everything that happens, every update among it. */
  readonly onEvent?: OnTrainingEvent | undefined;
  /** File that the state of the run is kept in, written after every epoch and where it is stopped. */
  readonly checkpoint?: string | undefined;
  /** Go on from the checkpoint where there is one: bit-identical to a run that was not stopped. */
  readonly resume?: boolean | undefined;
  /** Folder for `metrics.jsonl` and a TensorBoard event file. */
  readonly logs?: string | undefined;
}

/** How learning rates are tried; the other settings are those of the training that will follow. */
export interface FindLearningRateOptions extends FitConfigInput, ReadingOptions, RunOptions {
  /** Lowest rate. Default 1e-7. */
  readonly start?: number | undefined;
  /** Highest rate. Default 1. */
  readonly end?: number | undefined;
  /** Most updates. Default 100. */
  readonly steps?: number | undefined;
}

/** Trains a model in place; `Engraft.fit` is its form for programs. */
export async function fit(
  model: Model,
  data: ModelTrainingData,
  options: FitOptions,
  { host }: Workspace,
): Promise<FitResult> {
  const { reading, run, rest } = divideOptions(options);
  const { onEvent, checkpoint, resume, logs, ...input } = rest;
  const { onWarning, onProgress, signal } = run;
  const config = parseFitConfig(input);
  const examples = await openExamples<TensorSplits>(data, "train", reading, host);
  const checkpoints =
    checkpoint === undefined
      ? undefined
      : await openCheckpoints(checkpoint, { model, examples, config }, host);
  const state = resume === true ? await checkpoints?.read() : undefined;
  const log = logs === undefined ? undefined : await host.openTrainingLog(logs);
  try {
    return await fitModel(model, examples, config, host, {
      onProgress,
      signal,
      onEvent: (event) => {
        log?.write(event);
        onEvent?.(event);
        if (event.type === "started") warnOfTruncation(model, event.truncation, onWarning);
      },
      onCheckpoint: checkpoints && ((reached) => checkpoints.write(reached)),
      resume: state,
    });
  } finally {
    await log?.close();
  }
}

/** Tries learning rates; `Engraft.findLearningRate` is its form for programs. */
export async function findLearningRate(
  model: Model,
  data: ModelTrainingData,
  options: FindLearningRateOptions,
  { host }: Workspace,
): Promise<FoundLearningRate> {
  const { reading, run, rest } = divideOptions(options);
  const { start, end, steps, ...input } = rest;
  const { onProgress, signal } = run;
  const config = parseFitConfig(input);
  const examples = await openExamples<TensorSplits>(data, "train", reading, host);
  const sweep: LearningRateSweepOptions = { start, end, steps, onProgress, signal };
  return findModelLearningRate(model, examples, config, host, sweep);
}

/** Says of each split what is not read of its texts. */
function warnOfTruncation(
  model: Model,
  truncated: Truncated | undefined,
  onWarning: RunOptions["onWarning"],
): void {
  for (const split of ["training", "validation"] as const) {
    const warning = modelTruncationWarning(model, truncated?.[split]);
    if (warning !== undefined) onWarning?.(`Of the ${split} examples, ${warning}`);
  }
}
