import { elementCount, type Tensor } from "@engraft/onnx";
import { addScaled } from "../math/vector.js";
import { createRandom } from "../random/random.js";
import type { Runtime, Session } from "../runtime/runtime.js";
import type { CompiledStep, StepOutputs } from "./compile-step.js";
import { clipByNorm, globalNorm, scaleGradients } from "./gradients.js";
import { createOptimizer, type Optimizer, type OptimizerConfig } from "./optimizers/index.js";
import { bindSizes, type Feeds, sizesOf } from "./sizes.js";
import type { BatchStatistics, DropoutMask } from "./training-graph.js";

/** How one weight is updated. */
export interface WeightUpdate {
  /** Multiplies the learning rate of the step. */
  readonly learningRateFactor: number;
  readonly weightDecay: number;
}

/** Everything that training changes; complete, so that a run can go on from it exactly. */
export interface TrainingState {
  /** Updates made so far. */
  readonly updates: number;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Running statistics. */
  readonly states: ReadonlyMap<string, Float32Array>;
  /** By weight, in the order of the optimiser's slots. */
  readonly slots: ReadonlyMap<string, readonly Float32Array[]>;
}

export interface StepSettings {
  readonly optimizer: OptimizerConfig;
  readonly updates: ReadonlyMap<string, WeightUpdate>;
  /** Largest norm of all gradients together; longer ones are shortened to it. */
  readonly maxGradientNorm: number | undefined;
  readonly seed: number;
  /** Threads of the runtime. */
  readonly threads: number | undefined;
}

/** What the model made of one batch. */
export interface BatchResult {
  /** Mean loss, and what it was divided by. */
  readonly loss: number;
  readonly weightSum: number;
  /** What the loss looked at. */
  readonly predictions: Tensor;
}

/** What one update did. */
export interface UpdateResult {
  /** One for each batch, as it was before the update. */
  readonly batches: readonly BatchResult[];
  /** Norm of all gradients together, before it is clipped. */
  readonly gradientNorm: number;
}

/** Loss and gradients by weight name. */
export interface LossAndGradients {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Runs a compiled step and owns the weights while it trains. */
export interface StepEngine {
  /** One update from the gradients of some batches: that of one large batch. */
  update(batches: readonly Feeds[], learningRate: number): Promise<UpdateResult>;
  /** Loss and predictions of a batch as the model would make them after training. */
  evaluate(batch: Feeds): Promise<BatchResult>;
  /** Gradients of one batch in training form, without an update. */
  gradients(batch: Feeds): Promise<LossAndGradients>;
  /** A copy of everything that training changes. */
  state(): Promise<TrainingState>;
  close(): Promise<void>;
}

/** Loads a step where it will run. The arrays of `state` are taken over. */
export type OpenStepEngine = (
  step: CompiledStep,
  settings: StepSettings,
  state: TrainingState,
) => Promise<StepEngine>;

/**
 * Runs a step on this thread: forward and backward in ONNX Runtime, then the optimiser over the
 * weights in place.
 */
export class StepRunner implements StepEngine {
  readonly #step: CompiledStep;
  readonly #settings: StepSettings;
  readonly #optimizer: Optimizer;
  readonly #training: Session;
  readonly #runtime: Runtime;
  #evaluation: Session | undefined;
  #updates: number;
  readonly #weights: Map<string, Float32Array>;
  readonly #states: Map<string, Float32Array>;
  readonly #slots: Map<string, readonly Float32Array[]>;

  private constructor(
    step: CompiledStep,
    settings: StepSettings,
    state: TrainingState,
    runtime: Runtime,
    training: Session,
  ) {
    this.#step = step;
    this.#settings = settings;
    this.#optimizer = createOptimizer(settings.optimizer);
    this.#runtime = runtime;
    this.#training = training;
    this.#updates = state.updates;
    this.#weights = new Map(state.weights);
    this.#states = new Map(state.states);
    this.#slots = new Map(state.slots);
  }

  /** Loads the step. The arrays of `state` are taken over. */
  static async open(
    runtime: Runtime,
    step: CompiledStep,
    settings: StepSettings,
    state: TrainingState,
  ): Promise<StepRunner> {
    const session = await openSession(runtime, step.training.bytes, settings);
    return new StepRunner(step, settings, state, runtime, session);
  }

  async update(batches: readonly Feeds[], learningRate: number): Promise<UpdateResult> {
    const results: BatchResult[] = [];
    const sums = new Map<string, Float32Array>();
    for (const [index, batch] of batches.entries()) {
      const outputs = await this.#training.run(this.#trainingFeeds(batch, index));
      const result = this.#result(outputs, this.#step.trainingOutputs);
      results.push(result);
      this.#accumulate(sums, outputs, batches.length === 1 ? 1 : result.weightSum);
      this.#moveStatistics(batch, outputs);
    }
    if (batches.length > 1) {
      const total = results.reduce((sum, { weightSum }) => sum + weightSum, 0);
      scaleGradients(sums.values(), 1 / total);
    }
    return { batches: results, gradientNorm: this.#apply(sums, learningRate) };
  }

  async evaluate(batch: Feeds): Promise<BatchResult> {
    const { evaluation, evaluationOutputs } = this.#step;
    this.#evaluation ??= await openSession(this.#runtime, evaluation.bytes, this.#settings);
    const held = this.#tensorsOf(new Map([...this.#weights, ...this.#states]));
    const outputs = await this.#evaluation.run(pick(evaluation.inputs, batch, held));
    return this.#result(outputs, evaluationOutputs);
  }

  async gradients(batch: Feeds): Promise<LossAndGradients> {
    const outputs = await this.#training.run(this.#trainingFeeds(batch, 0));
    const gradients = new Map<string, Float32Array>();
    this.#accumulate(gradients, outputs, 1);
    return { loss: this.#result(outputs, this.#step.trainingOutputs).loss, gradients };
  }

  async state(): Promise<TrainingState> {
    const copies = (arrays: ReadonlyMap<string, Float32Array>) =>
      new Map(Array.from(arrays, ([name, data]) => [name, data.slice()]));
    return {
      updates: this.#updates,
      weights: copies(this.#weights),
      states: copies(this.#states),
      slots: new Map(
        Array.from(this.#slots, ([name, slots]) => [name, slots.map((slot) => slot.slice())]),
      ),
    };
  }

  async close(): Promise<void> {
    await this.#training.release();
    await this.#evaluation?.release();
  }

  #result(outputs: Record<string, Tensor>, names: StepOutputs): BatchResult {
    return {
      loss: Number(outputs[names.loss]!.data[0]),
      weightSum: Number(outputs[names.weightSum]!.data[0]),
      predictions: outputs[names.predictions]!,
    };
  }

  #trainingFeeds(batch: Feeds, index: number): Feeds {
    const masks = this.#drawMasks(batch, index);
    const weights = this.#tensorsOf(this.#weights);
    return pick(this.#step.training.inputs, { ...batch, ...masks }, weights);
  }

  /** Masks depend on the seed and the number of the update alone. */
  #drawMasks(batch: Feeds, index: number): Feeds {
    const { masks, border, inputs } = this.#step;
    if (masks.length === 0) return {};
    const sizes = bindSizes([...border, ...inputs], batch);
    const random = createRandom(this.#settings.seed).derive(`dropout/${this.#updates}/${index}`);
    return Object.fromEntries(
      masks.map((mask) => [mask.input.name, drawMask(mask, sizes, random)]),
    );
  }

  /** `sums ← sums + factor · gradients`. Outputs of a run are ours to keep. */
  #accumulate(
    sums: Map<string, Float32Array>,
    outputs: Record<string, Tensor>,
    factor: number,
  ): void {
    for (const [weight, name] of this.#step.gradients) {
      const gradient = outputs[name]!.data as Float32Array;
      const sum = sums.get(weight);
      if (sum !== undefined) addScaled(sum, factor, gradient);
      else {
        if (factor !== 1) scaleGradients([gradient], factor);
        sums.set(weight, gradient);
      }
    }
  }

  #apply(gradients: Map<string, Float32Array>, learningRate: number): number {
    const { updates, maxGradientNorm } = this.#settings;
    const arrays = [...gradients.values()];
    const norm = globalNorm(arrays);
    if (maxGradientNorm !== undefined) clipByNorm(arrays, norm, maxGradientNorm);
    this.#updates += 1;
    for (const [name, gradient] of gradients) {
      const { learningRateFactor, weightDecay } = updates.get(name)!;
      this.#optimizer.update({
        weight: this.#weights.get(name)!,
        gradient,
        slots: this.#slots.get(name)!,
        learningRate: learningRate * learningRateFactor,
        weightDecay,
        step: this.#updates,
      });
    }
    return norm;
  }

  /** `running ← momentum · running + (1 - momentum) · batch`, with the unbiased variance. */
  #moveStatistics(batch: Feeds, outputs: Record<string, Tensor>): void {
    const { statistics, border, inputs } = this.#step;
    if (statistics.length === 0) return;
    const sizes = bindSizes([...border, ...inputs], batch);
    for (const norm of statistics) {
      const count = valuesPerChannel(norm, sizes);
      const unbiased = count > 1 ? count / (count - 1) : 1;
      const mean = outputs[norm.mean]!.data as Float32Array;
      const variance = outputs[norm.variance]!.data as Float32Array;
      blend(this.#states.get(norm.runningMean)!, mean, norm.momentum, 1);
      blend(this.#states.get(norm.runningVariance)!, variance, norm.momentum, unbiased);
    }
  }

  #tensorsOf(arrays: ReadonlyMap<string, Float32Array>): Feeds {
    const { weights, states } = this.#step;
    const tensors: Record<string, Tensor> = {};
    for (const { name, type } of [...weights, ...states]) {
      const data = arrays.get(name);
      const dims = type.shape as readonly number[];
      if (data !== undefined) tensors[name] = { dtype: "float32", dims, data };
    }
    return tensors;
  }
}

/** The tensors that a part reads. */
function pick(names: readonly string[], ...sources: readonly Feeds[]): Feeds {
  const found = (name: string): Tensor => {
    const tensor = sources.find((source) => Object.hasOwn(source, name))?.[name];
    if (tensor === undefined) throw new Error(`internal: the input "${name}" of a step is missing`);
    return tensor;
  };
  return Object.fromEntries(names.map((name) => [name, found(name)]));
}

function drawMask(
  { input, rate }: DropoutMask,
  sizes: ReadonlyMap<string, number>,
  random: { double(): number },
): Tensor {
  const dims = sizesOf(input.type.shape!, sizes);
  const kept = 1 / (1 - rate);
  const data = Float32Array.from({ length: elementCount(dims) }, () =>
    random.double() < rate ? 0 : kept,
  );
  return { dtype: "float32", dims, data };
}

/** How many values each mean of a batch normalisation is taken over. */
function valuesPerChannel(norm: BatchStatistics, sizes: ReadonlyMap<string, number>): number {
  const dims = sizesOf(norm.inputShape, sizes);
  return elementCount(dims) / dims[1]!;
}

function blend(running: Float32Array, now: Float32Array, momentum: number, scale: number): void {
  for (let i = 0; i < running.length; i++) {
    running[i] = momentum * running[i]! + (1 - momentum) * scale * now[i]!;
  }
}

function openSession(
  runtime: Runtime,
  model: Uint8Array,
  { threads }: StepSettings,
): Promise<Session> {
  return runtime.createSession(model, threads === undefined ? {} : { threads });
}
