import { elementCount } from "@engraft/onnx";
import { changesNothing } from "../../augment/config.js";
import { UsageError } from "../../errors.js";
import type { OnProgress } from "../../platform.js";
import type { Runtime } from "../../runtime/runtime.js";
import type { FedSamples } from "../feed/batch-feed.js";
import type { ExampleSource } from "../feed/example-source.js";
import { FrozenPrefix } from "../feed/frozen-prefix.js";
import type { Samples } from "../feed/samples.js";
import { createOptimizer, createSlots, defaultWeightDecay } from "../optimizers/index.js";
import type { FitConfig } from "../settings/config.js";
import { requireWatched } from "../settings/early-stopping.js";
import { weightSettings } from "../settings/weight-groups.js";
import { type CompiledStep, compileStep, type StepSource } from "../step/compile-step.js";
import type {
  OpenStepEngine,
  StepEngine,
  StepSettings,
  TrainingState,
} from "../step/step-engine.js";
import type { OnTrainingEvent, Truncated } from "./events.js";
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

/** Where the parts of a training run. */
export interface FitPlatform {
  /** Runs the frozen prefix. */
  readonly runtime: Runtime;
  readonly openStepEngine: OpenStepEngine;
}

export interface RunOptions {
  readonly onEvent?: OnTrainingEvent | undefined;
  readonly onProgress?: OnProgress | undefined;
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
  options: RunOptions = {},
): Promise<TrainingRun> {
  const opened = await openTraining(source, data, config, platform, options);
  try {
    const { step, engine, training, validation } = opened;
    const trainer = new Trainer({
      engine,
      config,
      training,
      validation,
      onEvent: options.onEvent ?? (() => {}),
      onCheckpoint: options.onCheckpoint,
      resume: options.resume,
      signal: options.signal,
      counts: countValues(source, step),
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
export interface OpenedTraining {
  readonly step: CompiledStep;
  readonly engine: StepEngine;
  readonly training: FedSamples;
  readonly validation: FedSamples | undefined;
  close(): Promise<void>;
}

/** Compiles the step, loads it with a copy of the weights, and runs what is frozen. */
export async function openTraining(
  source: StepSource,
  data: FitData,
  config: FitConfig,
  platform: FitPlatform,
  options: RunOptions,
): Promise<OpenedTraining> {
  if (config.earlyStopping !== undefined) {
    requireWatched(config.earlyStopping, config.loss.name);
  }
  const training = augment(data.training, config);
  if (training.samples.count === 0) throw new UsageError("There are no training examples.");
  const step = compileStep(source, config.loss);
  const state = options.resume?.training ?? initialState(source, step, config);
  const engine = await platform.openStepEngine(step, stepSettings(step, config, options), state);
  const prefixes: FrozenPrefix[] = [];
  const close = async (): Promise<void> => {
    await engine.close();
    for (const prefix of prefixes) await prefix.close();
  };
  const open = async ({ source: examples, samples }: FitSamples): Promise<FedSamples> => {
    const prefix = await FrozenPrefix.open(step, examples, platform.runtime, options);
    prefixes.push(prefix);
    const feeds: FedSamples["feeds"] = (positions, epoch) => prefix.feeds(positions, epoch);
    return { samples, target: step.targets.name, feeds };
  };
  try {
    return {
      step,
      engine,
      training: await open(training),
      validation: data.validation && (await open(data.validation)),
      close,
    };
  } catch (error) {
    await close();
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

/** Weights as they are in the model, and slots of zeros. */
export function initialState(
  { model }: StepSource,
  step: CompiledStep,
  { optimizer }: Pick<FitConfig, "optimizer">,
): TrainingState {
  const created = createOptimizer(optimizer);
  const valuesOf = (name: string): Float32Array =>
    (model.graph.initializers.get(name)!.data as Float32Array).slice();
  const weights = new Map(step.weights.map(({ name }) => [name, valuesOf(name)]));
  return {
    updates: 0,
    weights,
    states: new Map(step.states.map(({ name }) => [name, valuesOf(name)])),
    slots: new Map(
      Array.from(weights, ([name, data]) => [name, createSlots(created, data.length)]),
    ),
  };
}

export function stepSettings(
  step: CompiledStep,
  config: FitConfig,
  { threads }: Pick<RunOptions, "threads">,
): StepSettings {
  const { optimizer, learningRate, groups, maxGradientNorm, seed } = config;
  const weightDecay = config.weightDecay ?? defaultWeightDecay(optimizer);
  const weights = step.weights.map(({ name, type }) => ({ name, dims: type.shape! }));
  const updates = weightSettings(weights, { learningRate, weightDecay, groups });
  return { optimizer, updates, maxGradientNorm, seed, threads };
}

function countValues(
  { model }: StepSource,
  step: CompiledStep,
): { trainableValues: number; values: number } {
  const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
  return {
    trainableValues: sum(step.weights.map(({ type }) => elementCount(type.shape!.map(Number)))),
    values: sum(
      Array.from(model.graph.initializers.values(), ({ dtype, dims }) =>
        dtype.includes("float") ? elementCount(dims) : 0,
      ),
    ),
  };
}
