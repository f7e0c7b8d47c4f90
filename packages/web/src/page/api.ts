import type { Modality } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { FirstSuggestions, LoadOptions, RankedBase } from "@engraft/tasks";
import type { WebHostOptions } from "../host/web-host.js";
import type { StartEngine } from "./engine.js";
import { Engraft } from "./engraft.js";
import type { WebFirstSuggestOptions, WebSelectBaseOptions, WebTrainOptions } from "./options.js";
import type { WebDataSource, WebTaskSource, WebUnlabelledSource } from "./sources.js";
import type { Task } from "./task.js";

/** What an instance is made with; every part has a default. */
export interface EngraftOptions extends WebHostOptions {
  /** Where models run: on the processor, in WebAssembly. */
  readonly device?: "wasm" | undefined;
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
  /** Trains a task on the default instance: see {@link Engraft.train}. */
  readonly train: Train;
  /** Loads a task on the default instance: see {@link Engraft.loadTask}. */
  readonly loadTask: <M extends Modality = Modality>(
    place: WebTaskSource,
    options?: LoadOptions<M>,
  ) => Promise<Task<M>>;
  /** Chooses inputs to label before there is a task, on the default instance. */
  readonly suggest: (
    source: WebUnlabelledSource,
    options?: WebFirstSuggestOptions,
  ) => Promise<FirstSuggestions>;
  /** Compares base models on the default instance: see {@link Engraft.selectBase}. */
  readonly selectBase: (
    source: WebDataSource,
    options?: WebSelectBaseOptions,
  ) => Promise<readonly RankedBase[]>;
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
    const { device = "wasm", worker, ...rest } = options;
    if (device !== "wasm") {
      throw new UsageError(`In a browser the device is "wasm", not "${String(device)}".`);
    }
    const { threads } = rest;
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
      throw new UsageError(`threads is a whole number above 0, not ${threads}.`);
    }
    return new Engraft(() => start(worker), rest);
  };
  return {
    createEngraft,
    train: (source: WebDataSource | WebUnlabelledSource, options: WebTrainOptions = {}) =>
      defaultEngraft().train(source as WebDataSource, options),
    loadTask: (place, options) => defaultEngraft().loadTask(place, options),
    suggest: (source, options) => defaultEngraft().suggest(source, options),
    selectBase: (source, options) => defaultEngraft().selectBase(source, options),
  };
}
