import type {
  FitResult,
  FoundLearningRate,
  Modality,
  Model,
  TrainingMetrics,
  TrainingStep,
  TrainingStepOptions,
} from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { Tensor } from "@engraft/onnx/graph";
import type { SelectBaseOptions } from "./actions/select-base.js";
import type { FirstSuggestions, FirstSuggestOptions } from "./actions/suggest-first.js";
import type { TrainOptions } from "./actions/train.js";
import type { UnlabelledPlaces } from "./actions/unlabelled.js";
import { OpenBases } from "./bases/open-bases.js";
import type { Host } from "./host.js";
import { type LoadOptions, loadTask } from "./load-task.js";
import type { ModelTestData, ModelTrainingData } from "./models/examples.js";
import type { FindLearningRateOptions, FitOptions } from "./models/fit.js";
import type { LoadModelOptions } from "./models/load-model.js";
import {
  type ModelEvaluateOptions,
  type ModelInputs,
  type ModelPredictOptions,
  OpenModel,
} from "./models/open-model.js";
import type { DataSource, UnlabelledSource } from "./sources/source.js";
import type { RankedBase } from "./study/rank.js";
import { Task } from "./task.js";

/**
 * The product on one host. It owns the threads of the host, its caches and the base models that are
 * open, and all that it makes shares them. Everything is loaded when it is needed.
 *
 * ```ts
 * await using engraft = createEngraft({ threads: 4 });
 * const task = await engraft.train("mails.csv");
 * ```
 */
export class Engraft {
  /** @internal */
  readonly host: Host;
  /** @internal */
  readonly bases: OpenBases;
  #closed = false;

  /**
   * @internal Made by `createEngraft` of a home.
   * @param host - Belongs to the instance from now on: closing it closes the host.
   */
  constructor(host: Host) {
    this.host = host;
    this.bases = new OpenBases(host);
  }

  /**
   * Trains a task on labelled data: reads the layers of a frozen base model once, fits probes to them,
   * stacks the probes, and measures the result on examples that it has not seen.
   *
   * ```ts
   * const task = await engraft.train("mails.csv", { output: "mails.engraft", seed: 1 });
   * console.log(task.metrics.accuracy, String(task));
   * ```
   *
   * @throws DataError when the data cannot be used, listing every bad row or file.
   * @throws UsageError when the configuration is not valid, or `output` is taken by something else.
   * @throws OutputError when `output` cannot be written, before the work where that can be known.
   * @throws TaskChangedError when another process has written to `output` in the meantime.
   */
  train(source: DataSource, options?: TrainOptions): Promise<Task>;
  /**
   * Starts a task from texts without labels and the names of the labels. Nothing measures it, which it
   * says with every prediction; label some examples and extend it.
   *
   * ```ts
   * const task = await engraft.train("inbox.csv", { labels: ["invoice", "complaint", "praise"] });
   * ```
   */
  train(
    source: UnlabelledSource,
    options: TrainOptions & { readonly labels: readonly string[] },
  ): Promise<Task>;
  async train(source: DataSource | UnlabelledSource, options: TrainOptions = {}): Promise<Task> {
    this.#requireOpen();
    const { train } = await import("./actions/train.js");
    const { trained, base, data } = await train(source, options, this);
    const { output: place } = options;
    const origin =
      place === undefined ? undefined : { place, state: await this.host.tasks.state(place) };
    return new Task(trained, base, this, { origin, data });
  }

  /**
   * Loads a task, checking its files and its base model against their digests.
   *
   * ```ts
   * await using task = await engraft.loadTask("mails.engraft");
   * const { label, probability } = await task.predict("Win a free cruise!!!");
   * ```
   *
   * @throws UsageError when there is no task at the place, or it keeps no examples and outliers are
   *   asked for.
   * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
   */
  async loadTask<M extends Modality = Modality>(
    place: string,
    options: LoadOptions<M> = {},
  ): Promise<Task<M>> {
    this.#requireOpen();
    return loadTask(place, options, this);
  }

  /**
   * Chooses inputs to label before there is a task: one that is typical of each of as many clusters as
   * are asked for, by the last layer of a base. With a task, {@link Task.suggest} chooses by what it does
   * not know yet.
   *
   * ```ts
   * const { suggested } = await engraft.suggest("inbox.csv", { count: 20 });
   * ```
   *
   * @param source - Inputs that have a label already cover their clusters.
   * @throws DataError when an input cannot be read and `skipBad` is not set, or none is without a label.
   * @throws UsageError when the base cannot be found or reads another kind of data, or `count` is not a
   *   number of inputs.
   */
  async suggest(
    source: UnlabelledSource | UnlabelledPlaces,
    options: FirstSuggestOptions = {},
  ): Promise<FirstSuggestions> {
    this.#requireOpen();
    const { suggestFirst } = await import("./actions/suggest-first.js");
    return suggestFirst(source, options, this);
  }

  /**
   * Measures which base model, and which of its layers, suits some labelled data, as `train` would: by
   * nested cross-validation on the same folds for all.
   *
   * @returns The bases, the one with the most accurate stack first.
   * @throws DataError when the data cannot be used.
   * @throws UsageError when a base cannot be found, or reads another kind of data.
   */
  async selectBase(source: DataSource, options: SelectBaseOptions = {}): Promise<RankedBase[]> {
    this.#requireOpen();
    const { selectBase } = await import("./actions/select-base.js");
    return selectBase(source, options, this);
  }

  /**
   * Loads a model to take layers from: a base model by its name, or any ONNX model by the place of its
   * file, with the external data beside it, or as bytes.
   *
   * ```ts
   * const base = await engraft.loadModel("efficientnet-lite0");
   * base.trainable = false;
   * const model = base.cut("features").append([layers.dropout(0.2), layers.dense(2)]);
   * ```
   *
   * @throws UsageError when there is neither such a base nor such a file, or the preprocessing does not
   * fit the model.
   * @throws OnnxError when the file is not an ONNX model that Engraft can read.
   * @throws IntegrityError when a file of a base is missing or was altered.
   */
  async loadModel(name: string | Uint8Array, options: LoadModelOptions = {}): Promise<Model> {
    this.#requireOpen();
    const { loadModel } = await import("./models/load-model.js");
    return loadModel(name, options, this);
  }

  /**
   * Writes a model as an ONNX file in inference form, with everything merged that was added to train it.
   * The file is complete or as it was before.
   *
   * @throws OutputError when it cannot be written.
   */
  async saveModel(model: Model, place: string): Promise<void> {
    this.#requireOpen();
    const file = await this.host.files.prepareFile(place, "a model", () => true);
    await file.write(model.toOnnx());
  }

  /**
   * Trains the trainable weights of a model in place. Frozen weights stay bit-identical.
   *
   * ```ts
   * await engraft.fit(model, "photos/", { epochs: 20, learningRate: 1e-3, seed: 1 });
   * ```
   *
   * @throws UsageError when the configuration is not valid, nothing is trainable, or data, model and loss
   * do not fit one another; before the first update.
   * @throws DataError when data at a place cannot be used.
   * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
   * @throws CheckpointError when it cannot go on from the checkpoint.
   */
  async fit(model: Model, data: ModelTrainingData, options: FitOptions = {}): Promise<FitResult> {
    this.#requireOpen();
    const { fit } = await import("./models/fit.js");
    return fit(model, data, options, this);
  }

  /**
   * Trains a copy of the trainable weights at ever higher learning rates, and reads a good one off the
   * losses (Smith 2017). The model stays as it is.
   *
   * ```ts
   * const { suggestion } = await engraft.findLearningRate(model, "photos/", { batchSize: 32 });
   * ```
   *
   * @throws UsageError as {@link Engraft.fit}, and when the range of rates is not one.
   * @throws DataError when data at a place cannot be used.
   * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
   */
  async findLearningRate(
    model: Model,
    data: ModelTrainingData,
    options: FindLearningRateOptions = {},
  ): Promise<FoundLearningRate> {
    this.#requireOpen();
    const { findLearningRate } = await import("./models/fit.js");
    return findLearningRate(model, data, options, this);
  }

  /**
   * Compiles a training step once, for training loops of one's own.
   *
   * ```ts
   * await using step = await engraft.compileTrainingStep(model, { optimizer: "adamw", seed: 1 });
   * for (const batch of batches) {
   *   const { loss, gradients } = await step.valueAndGrad(batch);
   *   await step.apply(gradients, { learningRate: 1e-3 });
   * }
   * ```
   *
   * @throws UsageError when the configuration is not valid or nothing is trainable.
   * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
   */
  async compileTrainingStep(
    model: Model,
    options: TrainingStepOptions = {},
  ): Promise<TrainingStep> {
    this.#requireOpen();
    const { TrainingStep } = await import("@engraft/core");
    return TrainingStep.open(model, options, this.host);
  }

  /** Opens a model for any number of predictions; {@link OpenModel.close} frees it. */
  openModel(model: Model): OpenModel {
    this.#requireOpen();
    return new OpenModel(model, this.host);
  }

  /**
   * What a model gives for some examples: opens it, predicts in batches and closes it. For more than
   * one call, {@link Engraft.openModel}.
   *
   * ```ts
   * const { dims, data } = await engraft.predict(model, ["a.jpg", "b.jpg"]);
   * ```
   *
   * @throws UsageError when the examples do not fit the model.
   * @throws DataError when an image cannot be decoded.
   */
  async predict(
    model: Model,
    inputs: ModelInputs,
    options: ModelPredictOptions = {},
  ): Promise<Tensor> {
    const open = this.openModel(model);
    try {
      return await open.predict(inputs, options);
    } finally {
      await open.close();
    }
  }

  /**
   * Loss and metrics of a model on labelled examples: of a data set the `test` split, else `val`, else
   * all.
   *
   * ```ts
   * const { loss, accuracy } = await engraft.evaluate(model, "photos/");
   * ```
   *
   * @throws UsageError when examples, model and loss do not fit one another.
   * @throws DataError when data at a place cannot be used.
   */
  async evaluate(
    model: Model,
    data: ModelTestData,
    options: ModelEvaluateOptions = {},
  ): Promise<TrainingMetrics> {
    const open = this.openModel(model);
    try {
      return await open.evaluate(data, options);
    } finally {
      await open.close();
    }
  }

  /** Stops the threads after what is under way. Nothing that was made here can be used afterwards. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.host.close();
  }

  /** Closes the instance at the end of `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #requireOpen(): void {
    if (!this.#closed) return;
    throw new UsageError("This instance of Engraft was closed. Make another one.");
  }
}
