import type { Modality } from "@engraft/core";
import type { FirstSuggestions, LoadOptions, RankedBase } from "@engraft/tasks";
import type { RuntimeInfo } from "../host/runtime/web-runtime.js";
import type { WebHostOptions } from "../host/web-host.js";
import type { StorageInfo } from "../protocol/facts.js";
import { EngineClient, type StartEngine, sendable } from "./engine.js";
import type { WebFirstSuggestOptions, WebSelectBaseOptions, WebTrainOptions } from "./options.js";
import { receiveItems } from "./receive.js";
import {
  sendData,
  sendPlace,
  sendUnlabelled,
  type WebDataSource,
  type WebTaskSource,
  type WebUnlabelledSource,
} from "./sources.js";
import { Task } from "./task.js";

/** What the browser keeps for Engraft, and how to clear it. */
export interface KeptStorage extends StorageInfo {
  /** Removes all of a kind, or one task by its name. What is open stays in memory. */
  clear(what: "bases" | "features" | "tasks", name?: string): Promise<void>;
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
    const sent =
      options.labels === undefined
        ? await sendData(source as WebDataSource)
        : await sendUnlabelled(source as WebUnlabelledSource);
    const others = unlabelled === undefined ? undefined : await sendUnlabelled(unlabelled);
    const params = { source: sent, unlabelled: others, options: sendable(rest) };
    const engine = this.#engine.connect();
    return new Task(await engine.call("train", params, options), engine);
  }

  /**
   * Loads a task: by the name that it was saved under, from the address of its folder, or from files.
   *
   * @throws UsageError when there is no task.
   * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
   */
  async loadTask<M extends Modality = Modality>(
    place: WebTaskSource,
    options: LoadOptions<M> = {},
  ): Promise<Task<M>> {
    const params = { place: sendPlace(place), options: sendable(options) };
    const engine = this.#engine.connect();
    return new Task<M>(await engine.call("loadTask", params), engine);
  }

  /** Chooses inputs to label before there is a task: typical ones, of as many clusters as are asked for. */
  async suggest(
    source: WebUnlabelledSource,
    options: WebFirstSuggestOptions = {},
  ): Promise<FirstSuggestions> {
    const params = { source: await sendUnlabelled(source), options: sendable(options) };
    const found = await this.#engine.connect().call("suggestFirst", params, options);
    return { ...found, suggested: receiveItems(found.suggested) };
  }

  /** Measures which base model, and which of its layers, suits some labelled data. */
  async selectBase(
    source: WebDataSource,
    options: WebSelectBaseOptions = {},
  ): Promise<readonly RankedBase[]> {
    const params = { source: await sendData(source), options: sendable(options) };
    return (await this.#engine.connect().call("selectBase", params, options)).ranked;
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
