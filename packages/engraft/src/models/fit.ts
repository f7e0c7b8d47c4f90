import { readFile } from "node:fs/promises";
import {
  checkpointRun,
  decodeCheckpoint,
  encodeCheckpoint,
  type FitConfigInput,
  type FitExamples,
  type FitResult,
  type FoundLearningRate,
  findModelLearningRate,
  fitModel,
  type Model,
  type OnProgress,
  type OnTrainingEvent,
  type OpenStepEngine,
  parseFitConfig,
  type RunState,
  TrainingStep,
  type TrainingStepOptions,
  type Truncated,
} from "@engraft/core";
import { writeAtomically } from "../host/files/durable.js";
import { createNodeHost } from "../host/node-host.js";
import { sha256 } from "../host/sha256.js";
import { openTrainingLog } from "./training-log.js";
import { modelTruncationWarning } from "./truncation.js";

/** How to train, and what happens on the way. Every part has a default. */
export type FitOptions = FitConfigInput & {
  /** Told everything that happens, every update among it. */
  readonly onEvent?: OnTrainingEvent | undefined;
  /** Told what costs something without stopping the training: texts that are cut. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Stops the training; with `checkpoint` it can go on from there. */
  readonly signal?: AbortSignal | undefined;
  /** File that the state of the run is kept in, written after every epoch. */
  readonly checkpoint?: string | undefined;
  /** Go on from the checkpoint where there is one: bit-identical to a run that was not stopped. */
  readonly resume?: boolean | undefined;
  /** Folder for `metrics.jsonl` and a TensorBoard event file. */
  readonly logs?: string | undefined;
};

/**
 * Trains the trainable weights of a model in place, on a thread of its own.
 *
 * ```ts
 * await fit(model, await readDataset("photos/"), { epochs: 20, learningRate: 1e-3, seed: 1 });
 * ```
 *
 * @throws UsageError when the configuration is not valid or nothing is trainable.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export async function fit(
  model: Model,
  examples: FitExamples,
  options: FitOptions = {},
): Promise<FitResult> {
  const { onEvent, onWarning, onProgress, signal, checkpoint, resume, logs, ...input } = options;
  const config = parseFitConfig(input);
  const checkpoints =
    checkpoint === undefined
      ? undefined
      : openCheckpoints(checkpoint, await checkpointRun(model, examples, config, sha256));
  const log = logs === undefined ? undefined : await openTrainingLog(logs);
  const platform = createNodeHost();
  try {
    return await fitModel(model, examples, config, platform, {
      onProgress,
      signal,
      onEvent: (event) => {
        log?.write(event);
        onEvent?.(event);
        if (event.type === "started") warnOfTruncation(model, event.truncation, onWarning);
      },
      onCheckpoint: checkpoints && ((state) => checkpoints.write(state)),
      resume: resume === true ? await checkpoints?.read() : undefined,
    });
  } finally {
    await platform.close();
    await log?.close();
  }
}

/** Says of each split what is not read of its texts. */
function warnOfTruncation(
  model: Model,
  truncated: Truncated | undefined,
  onWarning: FitOptions["onWarning"],
): void {
  for (const split of ["training", "validation"] as const) {
    const warning = modelTruncationWarning(model, truncated?.[split]);
    if (warning !== undefined) onWarning?.(`Of the ${split} examples, ${warning}`);
  }
}

/** How learning rates are tried; the other settings are those of the training that will follow. */
export type FindLearningRateOptions = FitConfigInput & {
  /** Lowest rate. Default 1e-7. */
  readonly start?: number | undefined;
  /** Highest rate. Default 1. */
  readonly end?: number | undefined;
  /** Most updates. Default 100. */
  readonly steps?: number | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Trains a copy of the trainable weights at ever higher learning rates, and reads a good one off the
 * losses (Smith 2017). The model stays as it is.
 *
 * ```ts
 * const { suggestion } = await findLearningRate(model, dataset, { batchSize: 32 });
 * ```
 *
 * @throws UsageError when the configuration is not valid, or the range of rates is not one.
 */
export async function findLearningRate(
  model: Model,
  examples: FitExamples,
  options: FindLearningRateOptions = {},
): Promise<FoundLearningRate> {
  const { start, end, steps, onProgress, signal, ...input } = options;
  const config = parseFitConfig(input);
  const sweep = { start, end, steps, onProgress, signal };
  const platform = createNodeHost();
  try {
    return await findModelLearningRate(model, examples, config, platform, sweep);
  } finally {
    await platform.close();
  }
}

/**
 * Compiles a training step once, for training loops of one's own; it runs on a thread of its own.
 *
 * ```ts
 * await using step = await compileTrainingStep(model, { optimizer: "adamw", seed: 1 });
 * for (const batch of batches) {
 *   const { loss, gradients } = await step.valueAndGrad(batch);
 *   await step.apply(gradients, { learningRate: 1e-3 });
 * }
 * ```
 *
 * @throws UsageError when the configuration is not valid or nothing is trainable.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export async function compileTrainingStep(
  model: Model,
  options: TrainingStepOptions = {},
): Promise<TrainingStep> {
  const platform = createNodeHost();
  const openStepEngine: OpenStepEngine = async (...given) => {
    const engine = await platform.openStepEngine(...given);
    const close = async (): Promise<void> => {
      await engine.close();
      await platform.close();
    };
    return { ...engine, close };
  };
  try {
    return await TrainingStep.open(model, options, { ...platform, openStepEngine });
  } catch (error) {
    await platform.close();
    throw error;
  }
}

interface Checkpoints {
  write(state: RunState): Promise<void>;
  /** Undefined where there is none yet. */
  read(): Promise<RunState | undefined>;
}

/** @param run - Digest of what the checkpoints in the file are of. */
function openCheckpoints(path: string, run: string): Checkpoints {
  return {
    async write(state) {
      await writeAtomically(path, await encodeCheckpoint(state, run, sha256));
    },
    async read() {
      try {
        return await decodeCheckpoint(await readFile(path), run, sha256);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
  };
}
