import { changesNothing } from "../../augment/config.js";
import { UsageError } from "../../errors.js";
import type { OnProgress } from "../../platform.js";
import type { FedSamples } from "../feed/batch-feed.js";
import type { ExampleSource } from "../feed/example-source.js";
import type { Samples } from "../feed/samples.js";
import type { FitConfig } from "../settings/config.js";
import { requireWatched } from "../settings/early-stopping.js";
import type { StepSource } from "../step/compile-step.js";
import type { OnTrainingEvent, Truncated } from "./events.js";
import { type FitPlatform, type OpenedStep, openStep } from "./open-step.js";
import type { RunState } from "./run-state.js";
import { Trainer, type TrainingRun } from "./trainer.js";

/** Examples, and what is drawn from them. */
export interface FitSamples {
  readonly source: ExampleSource;
  readonly samples: Samples;
}

export interface FitData {
  readonly training: FitSamples;
  /** Measured after every epoch. */
  readonly validation?: FitSamples | undefined;
}

/** What a training tells while it runs, and from where it goes on. */
export interface FitRunOptions {
  readonly onEvent?: OnTrainingEvent | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Given the state after every epoch and when the signal stops the run; the run waits for it. */
  readonly onCheckpoint?: ((state: RunState) => Promise<void>) | undefined;
  /**
   * Goes on from here: the same data and configuration give the run that was not interrupted. Its
   * arrays are taken over.
   */
  readonly resume?: RunState | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Threads of a training step. Default: what the runtime chooses. */
  readonly threads?: number | undefined;
}

/**
 * Trains the trainable weights of a model: compiles the step, runs what is frozen below it once, and
 * runs the epochs.
 *
 * @returns The values of weights and running statistics to keep. The source is left as it is.
 */
export async function runTraining(
  source: StepSource,
  data: FitData,
  config: FitConfig,
  platform: FitPlatform,
  options: FitRunOptions = {},
): Promise<TrainingRun> {
  const opened = await openTraining(source, data, config, platform, options);
  try {
    const { engine, training, validation, counts } = opened;
    const trainer = new Trainer({
      engine,
      config,
      training,
      validation,
      onEvent: options.onEvent ?? (() => {}),
      onCheckpoint: options.onCheckpoint,
      resume: options.resume,
      signal: options.signal,
      counts,
      truncation: truncationOf(data),
    });
    return await trainer.run();
  } finally {
    await opened.close();
  }
}

/** What is not read of the texts; undefined where all is. */
function truncationOf({ training, validation }: FitData): Truncated | undefined {
  const ofSource = (samples: FitSamples | undefined) => {
    const truncation = samples?.source.truncation;
    return truncation?.truncated ? truncation : undefined;
  };
  const truncated = { training: ofSource(training), validation: ofSource(validation) };
  return truncated.training || truncated.validation ? truncated : undefined;
}

/** What a training needs, loaded. */
export interface OpenedTraining extends Pick<OpenedStep, "engine" | "counts" | "close"> {
  readonly training: FedSamples;
  readonly validation: FedSamples | undefined;
}

/** Compiles the step, loads it with a copy of the weights, and runs what is frozen. */
export async function openTraining(
  source: StepSource,
  data: FitData,
  config: FitConfig,
  platform: FitPlatform,
  options: FitRunOptions,
): Promise<OpenedTraining> {
  if (config.earlyStopping !== undefined) {
    requireWatched(config.earlyStopping, config.loss.name);
  }
  const training = augment(data.training, config);
  if (training.samples.count === 0) throw new UsageError("There are no training examples.");
  const { resume, threads } = options;
  const step = await openStep(source, config, platform, { state: resume?.training, threads });
  const { prefix, target } = step;
  const feed = async ({ source: examples, samples }: FitSamples): Promise<FedSamples> => {
    return { samples, target, feeds: await prefix.over(examples, options) };
  };
  try {
    return {
      ...step,
      training: await feed(training),
      validation: data.validation && (await feed(data.validation)),
    };
  } catch (error) {
    await step.close();
    throw error;
  }
}

/** Training examples as the configuration has them changed. */
function augment(training: FitSamples, { augmentation, seed }: FitConfig): FitSamples {
  if (augmentation === undefined || changesNothing(augmentation)) return training;
  const source = training.source.augmented?.(augmentation, seed);
  if (source !== undefined) return { ...training, source };
  throw new UsageError(
    "Augmentation is for images of a data set, and the examples are texts or tensors. Leave `augmentation` out.",
  );
}
