import type {
  Dataset,
  FitResult,
  FoundLearningRate,
  Modality,
  Tensor,
  TrainingMetrics,
  TrainingStepOptions,
} from "@engraft/core";
import type {
  Correction,
  FirstSuggestions,
  Inspection,
  InspectOptions,
  ModelPredictOptions,
  RankedBase,
} from "@engraft/tasks";
import type { RuntimeInfo } from "../host/runtime/web-runtime.js";
import type { WebHostOptions } from "../host/web-host.js";
import type { KeptKind, StorageInfo } from "../protocol/facts.js";
import { receiveDataset } from "./datasets.js";
import { EngineClient, type StartEngine, sendable } from "./engine.js";
import type { NewLayer } from "./models/layers.js";
import { loadModel, sequential } from "./models/load-model.js";
import type { Model, PendingModel } from "./models/model.js";
import type { OpenModel } from "./models/open-model.js";
import type {
  WebFindLearningRateOptions,
  WebFitOptions,
  WebLoadModelOptions,
  WebModelEvaluateOptions,
  WebModelInputs,
  WebModelSource,
  WebTestData,
  WebTrainingData,
} from "./models/options.js";
import type { TrainingStep } from "./models/training-step.js";
import {
  compileTrainingStep,
  evaluate,
  findLearningRate,
  fit,
  openModel,
  predict,
  saveModel,
} from "./models/work.js";
import type {
  WebFirstSuggestOptions,
  WebLoadOptions,
  WebReadOptions,
  WebRelabelOptions,
  WebSelectBaseOptions,
  WebTrainOptions,
} from "./options.js";
import { receiveItems } from "./receive.js";
import {
  sendData,
  sendFiles,
  sendPlace,
  sendUnlabelled,
  type WebDataSource,
  type WebFilesSource,
  type WebTaskSource,
  type WebUnlabelledSource,
} from "./sources.js";
import { Task } from "./task.js";

/** What the browser keeps for Engraft, and how to clear it. */
export interface KeptStorage extends StorageInfo {
  /** Removes all of a kind, or one task or file by its name. What is open stays in memory. */
  clear(what: KeptKind, name?: string): Promise<void>;
}

/**
 * Engraft in a page. All work is done in one worker, which is started when it is first needed; the page
 * stays free.
 *
 * ```ts
 * await using engraft = createEngraft({ bases: "/models/" });
 * const task = await engraft.train(files, { onProgress });
 * ```
 */
export class Engraft {
  readonly #engine: EngineClient;

  /** @internal Made by `createEngraft`. */
  constructor(start: StartEngine, options: WebHostOptions) {
    this.#engine = new EngineClient(start, options);
  }

  /**
   * Trains a task on labelled data: files that a user chose, a folder, rows, or the address of a CSV.
   *
   * @throws DataError when the data cannot be used, listing every bad row or file.
   * @throws UsageError when the configuration is not valid.
   * @throws IntegrityError when a file of the base model is not served, or was altered.
   */
  train(source: WebDataSource, options?: WebTrainOptions): Promise<Task>;
  /** Starts a task from texts without labels and the names of the labels. Nothing measures it. */
  train(
    source: WebUnlabelledSource,
    options: WebTrainOptions & { readonly labels: readonly string[] },
  ): Promise<Task>;
  async train(
    source: WebDataSource | WebUnlabelledSource,
    options: WebTrainOptions = {},
  ): Promise<Task> {
    const { unlabelled, ...rest } = options;
    const engine = this.#engine.connect();
    const prepare = async (made: ImageBitmap[]) => ({
      source:
        options.labels === undefined
          ? await sendData(source as WebDataSource, engine, made)
          : await sendUnlabelled(source as WebUnlabelledSource, made),
      unlabelled: unlabelled === undefined ? undefined : await sendUnlabelled(unlabelled, made),
      options: sendable(rest),
    });
    return new Task(await engine.callWith("train", prepare, options), engine);
  }

  /**
   * Loads a task: by the name that it was saved under, from the address of its folder, or from files.
   *
   * @throws UsageError when there is no task.
   * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
   */
  async loadTask<M extends Modality = Modality>(
    place: WebTaskSource,
    options: WebLoadOptions<M> = {},
  ): Promise<Task<M>> {
    const params = { place: sendPlace(place), options: sendable(options) };
    const engine = this.#engine.connect();
    return new Task<M>(await engine.call("loadTask", params, options), engine);
  }

  /** Chooses inputs to label before there is a task: typical ones, of as many clusters as are asked for. */
  async suggest(
    source: WebUnlabelledSource,
    options: WebFirstSuggestOptions = {},
  ): Promise<FirstSuggestions> {
    const prepare = async (made: ImageBitmap[]) => ({
      source: await sendUnlabelled(source, made),
      options: sendable(options),
    });
    const found = await this.#engine.connect().callWith("suggestFirst", prepare, options);
    return { ...found, suggested: receiveItems(found.suggested) };
  }

  /** Measures which base model, and which of its layers, suits some labelled data. */
  async selectBase(
    source: WebDataSource,
    options: WebSelectBaseOptions = {},
  ): Promise<readonly RankedBase[]> {
    const engine = this.#engine.connect();
    const prepare = async (made: ImageBitmap[]) => ({
      source: await sendData(source, engine, made),
      options: sendable(options),
    });
    return (await engine.callWith("selectBase", prepare, options)).ranked;
  }

  /**
   * Reads labelled data: files, a folder, rows; or a data set, which is given back. Images are read when
   * they are needed.
   *
   * @throws DataError that lists every bad row and file with its position, unless `skipBad` is set.
   */
  async readDataset(source: WebDataSource, options: WebReadOptions = {}): Promise<Dataset> {
    const engine = this.#engine.connect();
    const prepare = async (made: ImageBitmap[]) => ({
      source: await sendData(source, engine, made),
      options: sendable(options),
    });
    return receiveDataset(await engine.callWith("readDataset", prepare, options), engine);
  }

  /**
   * Describes a task, a base model by its name, or an ONNX model: by the name that it is kept under, its
   * address, or files.
   *
   * @throws UsageError when it is none of these.
   * @throws OnnxError when the file is not an ONNX model.
   */
  async inspect(what: WebTaskSource, { bind, signal }: InspectOptions = {}): Promise<Inspection> {
    const params = { what: sendPlace(what), bind };
    return this.#engine.connect().call("inspect", params, { signal });
  }

  /**
   * A copy of a CSV, TSV, JSON Lines or JSON file with corrected labels and nothing else changed; of other
   * data, a CSV of the corrections: `source,given,label`.
   *
   * @throws UsageError when there is no record where a correction says.
   */
  async applyCorrections(
    data: WebFilesSource,
    corrections: readonly Correction[],
    options: WebRelabelOptions = {},
  ): Promise<File> {
    const params = { source: sendFiles(data), corrections, options: sendable(options) };
    const { name, file } = await this.#engine.connect().call("correct", params);
    return new File([file], name);
  }

  /**
   * Loads a model to take layers from: a base model by its name; or any ONNX model by a name that it is
   * kept under in this browser, by its address, as a file or as bytes.
   *
   * ```ts
   * const base = await engraft.loadModel("efficientnet-lite0");
   * base.trainable = false;
   * const model = await base.cut("features").append([layers.dropout(0.2), layers.dense(2)]);
   * await engraft.fit(model, files, { epochs: 5, seed: 1 });
   * ```
   *
   * @throws UsageError when there is neither such a base nor such a file, or the preprocessing does not
   * fit the model.
   * @throws OnnxError when the file is not an ONNX model that Engraft can read.
   * @throws IntegrityError when a file of a base is missing or was altered.
   */
  async loadModel(source: WebModelSource, options: WebLoadModelOptions = {}): Promise<Model> {
    return loadModel(source, options, this.#engine.connect());
  }

  /** A new model of layers alone: `Model.sequential` in the worker of this instance. */
  sequential(
    inputShape: readonly number[],
    layers: readonly NewLayer[],
    options: { readonly seed?: number } = {},
  ): PendingModel {
    return sequential(inputShape, layers, options, () => this.#engine.connect());
  }

  /** Writes a model under a name in this browser, or into a file that the user chose. */
  saveModel(model: Model, target: string | FileSystemFileHandle): Promise<void> {
    return saveModel(model, target);
  }

  /** Trains the trainable weights of a model in place. Frozen weights stay bit-identical. */
  fit(model: Model, data: WebTrainingData, options?: WebFitOptions): Promise<FitResult> {
    return fit(model, data, options);
  }

  /** Tries ever higher learning rates on a copy of the trainable weights. The model stays as it is. */
  findLearningRate(
    model: Model,
    data: WebTrainingData,
    options?: WebFindLearningRateOptions,
  ): Promise<FoundLearningRate> {
    return findLearningRate(model, data, options);
  }

  /** Compiles a training step once, for training loops of one's own. */
  compileTrainingStep(model: Model, options?: TrainingStepOptions): Promise<TrainingStep> {
    return compileTrainingStep(model, options);
  }

  /** Opens a model for any number of predictions; {@link OpenModel.close} frees it. */
  openModel(model: Model): OpenModel {
    return openModel(model);
  }

  /** What a model gives for some examples: opens it, predicts in batches and closes it. */
  predict(model: Model, inputs: WebModelInputs, options?: ModelPredictOptions): Promise<Tensor> {
    return predict(model, inputs, options);
  }

  /** Loss and metrics of a model on labelled examples. */
  evaluate(
    model: Model,
    data: WebTestData,
    options?: WebModelEvaluateOptions,
  ): Promise<TrainingMetrics> {
    return evaluate(model, data, options);
  }

  /** What runs models here, on how many threads, and why not on more. */
  async info(): Promise<RuntimeInfo> {
    return this.#engine.connect().call("info", {});
  }

  /** What the browser keeps: base models, features and tasks. */
  async storage(): Promise<KeptStorage> {
    const found = await this.#engine.connect().call("storage", {});
    return {
      ...found,
      clear: async (what, name) => {
        await this.#engine.connect().call("clear", { what, name });
      },
    };
  }

  /**
   * Asks the browser to keep what is stored when room is short. Browsers grant it to sites that are
   * used often, or ask the user.
   *
   * @returns Whether it will.
   */
  async persist(): Promise<boolean> {
    return (await navigator.storage?.persist?.()) ?? false;
  }

  /** Ends the worker after what is under way. Nothing that was made here can be used afterwards. */
  close(): Promise<void> {
    return this.#engine.close();
  }

  /** Closes the instance at the end of `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
