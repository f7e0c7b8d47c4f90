import { elementCount } from "@engraft/onnx";
import type { Runtime } from "../../runtime/runtime.js";
import { FrozenPrefix } from "../feed/frozen-prefix.js";
import { createOptimizer, createSlots, defaultWeightDecay } from "../optimizers/index.js";
import type { TrainingStepConfig } from "../settings/config.js";
import { weightSettings } from "../settings/weight-groups.js";
import { type CompiledStep, compileStep, type StepSource } from "../step/compile-step.js";
import type {
  OpenStepEngine,
  StepEngine,
  StepSettings,
  TrainingState,
} from "../step/step-engine.js";

/** Where the parts of a training run. */
export interface FitPlatform {
  /** Runs the frozen prefix. */
  readonly runtime: Runtime;
  readonly openStepEngine: OpenStepEngine;
}

/** How a step is opened. */
export interface OpenStepOptions {
  /** Where to go on from. Its arrays are taken over. Default: the weights as they are in the model. */
  readonly state?: TrainingState | undefined;
  /** Threads of a training step. Default: what the runtime chooses. */
  readonly threads?: number | undefined;
}

/** A step that is loaded, without the bytes of what was compiled. */
export interface OpenedStep {
  readonly engine: StepEngine;
  /** What is frozen below the step. */
  readonly prefix: FrozenPrefix;
  /** Input of the step for what the loss compares with. */
  readonly target: string;
  /** Weights that the step trains, and running statistics that it moves, by name. */
  readonly trained: readonly string[];
  readonly states: readonly string[];
  /** Numbers that training changes, and of how many. */
  readonly counts: { readonly trainableValues: number; readonly values: number };
  close(): Promise<void>;
}

/**
 * Compiles a step and loads it with a copy of the weights.
 *
 * @throws UsageError when nothing is trainable, or a group of the configuration matches no weight.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export async function openStep(
  source: StepSource,
  config: TrainingStepConfig,
  platform: FitPlatform,
  options: OpenStepOptions = {},
): Promise<OpenedStep> {
  const step = compileStep(source, config.loss);
  const state = options.state ?? initialState(source, step, config);
  const engine = await platform.openStepEngine(step, stepSettings(step, config, options), state);
  const prefix = await openPrefix(step, platform.runtime, engine);
  return {
    engine,
    prefix,
    target: step.targets.name,
    trained: step.weights.map(nameOf),
    states: step.states.map(nameOf),
    counts: countValues(source, step),
    async close() {
      await prefix.close();
      await engine.close();
    },
  };
}

/** Closes the engine where the prefix cannot be loaded. */
async function openPrefix(
  step: CompiledStep,
  runtime: Runtime,
  engine: StepEngine,
): Promise<FrozenPrefix> {
  try {
    return await FrozenPrefix.open(step, runtime);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Weights as they are in the model, and slots of zeros. */
export function initialState(
  { model }: StepSource,
  step: CompiledStep,
  { optimizer }: Pick<TrainingStepConfig, "optimizer">,
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

/** How the weights of a step are updated. */
export function stepSettings(
  step: CompiledStep,
  config: TrainingStepConfig,
  { threads }: Pick<OpenStepOptions, "threads">,
): StepSettings {
  const { optimizer, learningRate, groups, maxGradientNorm, seed } = config;
  const weightDecay = config.weightDecay ?? defaultWeightDecay(optimizer);
  const weights = step.weights.map(({ name, type }) => ({ name, dims: type.shape! }));
  const updates = weightSettings(weights, { learningRate, weightDecay, groups });
  return { optimizer, updates, maxGradientNorm, seed, threads };
}

function countValues({ model }: StepSource, step: CompiledStep): OpenedStep["counts"] {
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

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
