import type { Dataset, Modality } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type {
  Correction,
  FirstSuggestions,
  Inspection,
  InspectOptions,
  RankedBase,
} from "@engraft/tasks";
import { requireDevice } from "../host/runtime/device.js";
import type { WebHostOptions } from "../host/web-host.js";
import type { StartEngine } from "./engine.js";
import { Engraft } from "./engraft.js";
import type { NewLayer } from "./models/layers.js";
import { Model, type PendingModel } from "./models/model.js";
import type { WebLoadModelOptions, WebModelSource } from "./models/options.js";
import type {
  WebFirstSuggestOptions,
  WebLoadOptions,
  WebReadOptions,
  WebRelabelOptions,
  WebSelectBaseOptions,
  WebTrainOptions,
} from "./options.js";
import type {
  WebDataSource,
  WebFilesSource,
  WebTaskSource,
  WebUnlabelledSource,
} from "./sources.js";
import type { Task } from "./task.js";

/** What an instance is made with; every part has a default. */
export interface EngraftOptions extends WebHostOptions {
  /**
   * The address of the code of the worker, for pages whose bundler moves it. Default: beside the code
   * of this package.
   */
  readonly worker?: string | URL | undefined;
}

/** The functions of the package, on a way to start its worker. */
export interface Api {
  /**
   * Makes an instance of Engraft: a worker, and what it holds. Nothing is started before it is needed.
   *
   * @throws UsageError when an option is not valid.
   */
  readonly createEngraft: (options?: EngraftOptions) => Engraft;
  /** Loads a model into the default instance: see {@link Engraft.loadModel}. */
  readonly loadModel: (source: WebModelSource, options?: WebLoadModelOptions) => Promise<Model>;
  /** The class of models, and what makes them in the default instance. */
  readonly Model: ModelClass;
  /** Trains a task on the default instance: see {@link Engraft.train}. */
  readonly train: Train;
  /** Loads a task on the default instance: see {@link Engraft.loadTask}. */
  readonly loadTask: <M extends Modality = Modality>(
    place: WebTaskSource,
    options?: WebLoadOptions<M>,
  ) => Promise<Task<M>>;
  /** Chooses inputs to label before there is a task, on the default instance. */
  readonly suggest: (
    source: WebUnlabelledSource,
    options?: WebFirstSuggestOptions,
  ) => Promise<FirstSuggestions>;
  /** Reads labelled data in the default instance: see {@link Engraft.readDataset}. */
  readonly readDataset: (source: WebDataSource, options?: WebReadOptions) => Promise<Dataset>;
  /** Describes a task or a model in the default instance: see {@link Engraft.inspect}. */
  readonly inspect: (what: WebTaskSource, options?: InspectOptions) => Promise<Inspection>;
  /** Corrects labels in the default instance: see {@link Engraft.applyCorrections}. */
  readonly applyCorrections: (
    data: WebFilesSource,
    corrections: readonly Correction[],
    options?: WebRelabelOptions,
  ) => Promise<File>;
  /** Compares base models on the default instance: see {@link Engraft.selectBase}. */
  readonly selectBase: (
    source: WebDataSource,
    options?: WebSelectBaseOptions,
  ) => Promise<readonly RankedBase[]>;
}

/** The class of models, and what makes them. */
export interface ModelClass {
  /** A new model of layers alone: see {@link Engraft.sequential}. */
  sequential(
    inputShape: readonly number[],
    layers: readonly NewLayer[],
    options?: { readonly seed?: number },
  ): PendingModel;
  /** Takes an ONNX model apart: see {@link Engraft.loadModel}. */
  fromOnnx(source: Uint8Array): Promise<Model>;
  /** Whether a value is a model. */
  [Symbol.hasInstance](value: unknown): value is Model;
}

/** Trains a task, or starts one without labels. */
export interface Train {
  /** Trains a task on labelled data. */
  (source: WebDataSource, options?: WebTrainOptions): Promise<Task>;
  /** Starts a task from texts without labels and the names of the labels. */
  (
    source: WebUnlabelledSource,
    options: WebTrainOptions & { readonly labels: readonly string[] },
  ): Promise<Task>;
}

/** @param start - Starts a worker; given the address of its code where that is asked for. */
export function createApi(start: (code: string | URL | undefined) => ReturnType<StartEngine>): Api {
  let shared: Engraft | undefined;
  const defaultEngraft = (): Engraft => {
    shared ??= createEngraft();
    return shared;
  };
  const createEngraft = (options: EngraftOptions = {}): Engraft => {
    const { worker, ...rest } = options;
    const { device, threads } = rest;
    if (device !== undefined) requireDevice(device);
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
      throw new UsageError(`threads is a whole number above 0, not ${threads}.`);
    }
    return new Engraft(() => start(worker), rest);
  };
  return {
    createEngraft,
    loadModel: async (source, options) => defaultEngraft().loadModel(source, options),
    Model: {
      sequential: (inputShape, layers, options) =>
        defaultEngraft().sequential(inputShape, layers, options),
      fromOnnx: async (source) => defaultEngraft().loadModel(source),
      [Symbol.hasInstance]: (value) => value instanceof Model,
    },
    train: (source: WebDataSource | WebUnlabelledSource, options: WebTrainOptions = {}) =>
      defaultEngraft().train(source as WebDataSource, options),
    loadTask: (place, options) => defaultEngraft().loadTask(place, options),
    readDataset: async (source, options) => defaultEngraft().readDataset(source, options),
    inspect: async (what, options) => defaultEngraft().inspect(what, options),
    applyCorrections: async (data, corrections, options) =>
      defaultEngraft().applyCorrections(data, corrections, options),
    suggest: (source, options) => defaultEngraft().suggest(source, options),
    selectBase: (source, options) => defaultEngraft().selectBase(source, options),
  };
}
