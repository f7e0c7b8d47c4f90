import { elementCount } from "@engraft/onnx";
import { UsageError } from "../errors.js";
import type { Abort, OnProgress } from "../platform.js";
import type { Runtime } from "../runtime/runtime.js";
import { type CompiledStep, compileStep, type StepSource } from "./compile-step.js";
import type { FitConfig } from "./config.js";
import type { OnTrainingEvent } from "./events.js";
import type { ExampleSource } from "./example-source.js";
import { FrozenPrefix } from "./frozen-prefix.js";
import { TARGETS } from "./losses/index.js";
import { createOptimizer, createSlots, defaultWeightDecay } from "./optimizers/index.js";
import type { RunState } from "./run-state.js";
import type { Samples } from "./samples.js";
import type { OpenStepEngine, StepSettings, TrainingState } from "./step-runner.js";
import { type FedSamples, Trainer, type TrainingRun } from "./trainer.js";
import { weightSettings } from "./weight-groups.js";

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
  /** Goes on from here: the same data and configuration give the run that was not interrupted. */
  readonly resume?: RunState | undefined;
  readonly abort?: Abort | undefined;
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
  const { abort, onProgress, resume } = options;
  if (data.training.samples.count === 0) throw new UsageError("There are no training examples.");
  const step = compileStep(source, config.loss);
  const state = resume?.training ?? initialState(source, step, config);
  const engine = await platform.openStepEngine(step, stepSettings(step, config, options), state);
  const opened: FrozenPrefix[] = [];
  const open = async ({ source: examples, samples }: FitSamples): Promise<FedSamples> => {
    const prefix = await FrozenPrefix.open(step, examples, platform.runtime, { abort, onProgress });
    opened.push(prefix);
    return { samples, feeds: (positions, epoch) => prefix.feeds(positions, epoch) };
  };
  try {
    const trainer = new Trainer({
      engine,
      config,
      training: await open(data.training),
      validation: data.validation && (await open(data.validation)),
      target: TARGETS,
      onEvent: options.onEvent ?? (() => {}),
      onCheckpoint: options.onCheckpoint,
      resume,
      abort,
      counts: countValues(source, step),
    });
    return await trainer.run();
  } finally {
    await engine.close();
    for (const prefix of opened) await prefix.close();
  }
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
