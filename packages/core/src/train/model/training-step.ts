import type { Tensor } from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import type { Model } from "../../model/model.js";
import type { Feeds } from "../../runtime/feeds.js";
import { feedUpdate } from "../feed/batch-feed.js";
import { type FitPlatform, type OpenedStep, openStep } from "../loop/open-step.js";
import {
  parseTrainingStepConfig,
  type TrainingStepConfig,
  type TrainingStepConfigInput,
} from "../settings/config.js";
import { MetricsAccumulator, type TrainingMetrics } from "../settings/metrics.js";
import type { TrainedValues } from "../step/step-engine.js";
import { fixedBatch, type TensorExamples, tensorSamples } from "./prepare-examples.js";
import { stepSourceOf } from "./step-source.js";

/** How a step is compiled: the settings of a training that a single update has, and a signal. */
export interface TrainingStepOptions extends TrainingStepConfigInput {
  /** Stops the compilation. */
  readonly signal?: AbortSignal | undefined;
}

/** The loss of one batch, and which way it falls. */
export interface ValueAndGrad {
  /** Mean loss of the batch in training form: with dropout, and the batch's own statistics. */
  readonly loss: number;
  /**
   * What the mean was divided by: the number of examples, or the sum of their class weights. Gradients
   * of several batches, weighted by it, add up to that of one large batch.
   */
  readonly weightSum: number;
  /** What the loss looked at: the output of the model. */
  readonly predictions: Tensor;
  /** Gradient by each trainable weight, by its name and in its shape. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** How weights are moved once. */
export interface ApplyOptions {
  /** Default: that which the step was compiled with. */
  readonly learningRate?: number | undefined;
}

/**
 * A training step that is compiled and loaded once, for training loops of one's own. The model holds the
 * weights: each call computes with the trainable weights as they are in it, and `apply` writes into
 * them. What is frozen, and which weights those are, is compiled.
 *
 * ```ts
 * await using step = await compileTrainingStep(model, { loss: "cross-entropy" });
 * for (const batch of batches) {
 *   const { loss, gradients } = await step.valueAndGrad(batch);
 *   await step.apply(gradients, { learningRate: 1e-3 });
 * }
 * ```
 *
 * Calls are run one after the other, in their order. Each `valueAndGrad` draws new dropout masks, which
 * depend on the seed and on how many were drawn before.
 */
export class TrainingStep {
  readonly #model: Model;
  readonly #config: TrainingStepConfig;
  readonly #opened: OpenedStep;
  /** What of the model is compiled. */
  readonly #compiled: string;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(model: Model, config: TrainingStepConfig, opened: OpenedStep) {
    this.#model = model;
    this.#config = config;
    this.#opened = opened;
    this.#compiled = trainableParts(model);
  }

  /**
   * Compiles and loads the step of a model.
   *
   * @throws UsageError when the configuration is not valid or nothing is trainable.
   * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
   */
  static async open(
    model: Model,
    { signal, ...input }: TrainingStepOptions,
    platform: FitPlatform,
  ): Promise<TrainingStep> {
    const config = parseTrainingStepConfig(input);
    signal?.throwIfAborted();
    const opened = await openStep(stepSourceOf(model), config, platform);
    const step = new TrainingStep(model, config, opened);
    if (signal?.aborted) await step.close();
    signal?.throwIfAborted();
    return step;
  }

  /**
   * The loss of one batch and its gradients by the trainable weights. The weights stay as they are;
   * running statistics of trainable batch normalisations move, as by every batch of a training.
   *
   * @throws UsageError when the batch does not fit the model and the loss.
   */
  valueAndGrad(batch: TensorExamples): Promise<ValueAndGrad> {
    return this.#inTurn(async () => {
      const feeds = await this.#feed(batch);
      const { states, ...result } = await this.#opened.engine.gradients(feeds);
      this.#write(states);
      return result;
    });
  }

  /**
   * Moves the trainable weights once, as the optimiser of the step does, and writes them into the model.
   *
   * @param gradients - Of every trainable weight, as {@link TrainingStep.valueAndGrad} gives them: as
   *   they are, or changed.
   * @throws UsageError when a gradient is missing or has another size than its weight.
   */
  apply(
    gradients: ReadonlyMap<string, Float32Array>,
    { learningRate = this.#config.learningRate }: ApplyOptions = {},
  ): Promise<void> {
    return this.#inTurn(async () => {
      requireLearningRate(learningRate);
      const { engine } = this.#opened;
      const copies = this.#copyGradients(gradients);
      await engine.assign(this.#values());
      await engine.apply(copies, learningRate);
      this.#write((await engine.values()).weights);
    });
  }

  /**
   * Loss and metrics of one batch in inference form: without dropout, with running statistics.
   *
   * @throws UsageError when the batch does not fit the model and the loss.
   */
  evaluate(batch: TensorExamples): Promise<TrainingMetrics> {
    return this.#inTurn(async () => {
      const feeds = await this.#feed(batch);
      const { targets } = batch;
      const metrics = new MetricsAccumulator(this.#config.loss.name);
      metrics.add({ ...(await this.#opened.engine.evaluate(feeds)), targets });
      return metrics.metrics();
    });
  }

  /** Frees the step and stops its thread, once the calls that were made are answered. */
  close(): Promise<void> {
    this.#closing ??= this.#last.then(() => this.#opened.close());
    return this.#closing;
  }

  /** As {@link TrainingStep.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** One call after the other: each begins with the weights that the one before has left. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) {
      return Promise.reject(
        new UsageError("The training step was closed. Compile it again with compileTrainingStep."),
      );
    }
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Gives the engine the weights of the model, and returns what it is fed for a batch. */
  async #feed(batch: TensorExamples): Promise<Feeds> {
    this.#requireCompiled();
    const { engine, prefix, target } = this.#opened;
    const { source, samples } = tensorSamples(this.#model, batch, this.#config, "batch");
    requireWhole(this.#model, source.count);
    await engine.assign(this.#values());
    const read = async (examples: readonly number[]): Promise<Feeds> =>
      prefix.run(await source.read(examples, 0));
    const all = Array.from({ length: samples.count }, (_, sample) => sample);
    const [feeds] = await feedUpdate({ samples, target, feeds: read }, [all], 0);
    return feeds!;
  }

  #values(): TrainedValues {
    const { trained, states } = this.#opened;
    const data = new Map(this.#model.weights.map((weight) => [weight.name, weight.data]));
    const valuesOf = (names: readonly string[]) =>
      new Map(names.map((name) => [name, data.get(name)!]));
    return { weights: valuesOf(trained), states: valuesOf(states) };
  }

  #write(values: ReadonlyMap<string, Float32Array>): void {
    for (const { name, data } of this.#model.weights) {
      const written = values.get(name);
      if (written !== undefined) data.set(written);
    }
  }

  /** An update shortens gradients in place, and they are the caller's. */
  #copyGradients(gradients: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
    this.#requireCompiled();
    const { weights } = this.#values();
    return new Map(
      Array.from(weights, ([name, { length }]) => {
        const gradient = gradients.get(name);
        if (gradient?.length === length) return [name, Float32Array.from(gradient)];
        const given = gradient === undefined ? "none is given" : `${gradient.length} are given`;
        throw new UsageError(
          `The gradient of "${name}" has ${length} numbers, and ${given}. Pass on the gradients of valueAndGrad, changed where you want, in the shapes of their weights.`,
        );
      }),
    );
  }

  #requireCompiled(): void {
    if (trainableParts(this.#model) === this.#compiled) return;
    throw new UsageError(
      "Which layers of the model are trainable has changed since the step was compiled. Compile it again with compileTrainingStep.",
    );
  }
}

/** What decides how a step is compiled and may be changed afterwards. */
function trainableParts({ trainableWeights, trainableNorms }: Model): string {
  return JSON.stringify([trainableWeights.map(({ name }) => name), [...trainableNorms]]);
}

/** @throws UsageError where the batch of the model is fixed, and this is another. */
function requireWhole(model: Model, count: number): void {
  const fixed = fixedBatch(model, count);
  if (fixed === undefined || fixed === count) return;
  throw new UsageError(`The model takes batches of ${fixed} only, and the batch has ${count}.`);
}

function requireLearningRate(learningRate: number): void {
  if (Number.isFinite(learningRate) && learningRate >= 0) return;
  throw new UsageError(
    `learningRate is ${learningRate}; expected a number of at least 0, such as 0.001.`,
  );
}
