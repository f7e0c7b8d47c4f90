import type { Modality } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type {
  ComparedMetrics,
  Evaluation,
  Extension,
  LabelReview,
  PredictOptions,
  PredictStreamOptions,
  SelectivePrediction,
  Suggestions,
  SummaryMetrics,
  TaskComparison,
  TaskManifest,
} from "@engraft/tasks";
import type { TaskFacts } from "../protocol/facts.js";
import type { EngineMethods } from "../protocol/methods.js";
import type { SentData } from "../protocol/sources.js";
import { type EngineConnection, sendable, type Watch } from "./engine.js";
import type { PredictedFrame } from "./frames.js";
import { sendInputs, type WebImage, type WebInputOf } from "./inputs.js";
import type {
  WebEvaluateOptions,
  WebExportedTask,
  WebExportOptions,
  WebExtendOptions,
  WebFileExport,
  WebReport,
  WebReportOptions,
  WebSuggestOptions,
  WebWorkOptions,
} from "./options.js";
import { receiveItems, receivePrediction, type WebStreamedPrediction } from "./receive.js";
import {
  sendData,
  sendPlace,
  sendUnlabelled,
  type WebDataSource,
  type WebTaskTarget,
  type WebUnlabelledSource,
} from "./sources.js";
import { streamPredictions } from "./stream.js";

/**
 * A trained task, as the package `engraft` has it. It is in the worker; what it says of itself is here.
 *
 * ```ts
 * await using task = await loadTask("mails");
 * const { label, probability } = await task.predict("Win a free cruise!!!");
 * ```
 */
export class Task<M extends Modality = Modality> {
  /** Everything that `task.json` says. */
  readonly manifest: TaskManifest;
  /** What an extension changed; undefined for a task that comes from none. */
  readonly extension: Extension | undefined;
  readonly #facts: TaskFacts;
  readonly #engine: EngineConnection;

  /** @internal Made by `Engraft`. */
  constructor(facts: TaskFacts, engine: EngineConnection) {
    this.#facts = facts;
    this.#engine = engine;
    this.manifest = facts.manifest;
    this.extension = facts.extension;
  }

  /** What the task reads: texts or images. */
  get modality(): M {
    return this.manifest.modality as M;
  }

  /** The labels that it tells apart, sorted by code point. */
  get labels(): readonly string[] {
    return this.manifest.labels;
  }

  /**
   * How good it is out of fold: measured on training examples that the measured heads had not seen.
   *
   * @throws UsageError when nothing measured it: see {@link Task.isMeasured}.
   */
  get metrics(): ComparedMetrics {
    const { metrics, unmeasured } = this.#facts;
    if (metrics === undefined) throw new UsageError(unmeasured);
    return metrics;
  }

  /** Whether it was measured. One that was started from the names of its labels was not. */
  get isMeasured(): boolean {
    return this.#facts.metrics !== undefined;
  }

  /** What it is compared with on the same examples, by name. */
  get baselines(): Readonly<Record<string, SummaryMetrics>> {
    return this.metrics.baselines;
  }

  /**
   * Predicts one input: a text; or an image, a canvas, the frame of a video, a file, an address.
   *
   * @throws DataError when an image cannot be decoded.
   * @throws UsageError when the task cannot promise what `maxErrorRate` or `confidence` ask for.
   */
  predict(input: WebInputOf<M>, options?: PredictOptions): Promise<SelectivePrediction>;
  /**
   * Predicts some inputs.
   *
   * @returns One prediction for each input, in order.
   * @throws DataError when images cannot be decoded, listing every one of them.
   */
  predict(
    inputs: readonly WebInputOf<M>[],
    options?: PredictOptions,
  ): Promise<SelectivePrediction[]>;
  async predict(
    given: WebInputOf<M> | readonly WebInputOf<M>[],
    options: PredictOptions = {},
  ): Promise<SelectivePrediction | SelectivePrediction[]> {
    if (!isSeveral(given)) return (await this.#predictAll([given], options))[0]!;
    return this.#predictAll(given, options);
  }

  /**
   * Predicts any number of inputs in constant memory and in order. One that cannot be read or decoded
   * has an `error` instead of a `prediction`.
   *
   * ```ts
   * for await (const { source, prediction } of task.predictStream(file)) …
   * ```
   */
  predictStream(
    source: WebUnlabelledSource,
    options: Omit<PredictStreamOptions, "imageFolder"> = {},
  ): AsyncGenerator<WebStreamedPrediction> {
    const { task } = this.#facts;
    return streamPredictions(this.#engine, task, this.modality, source, options);
  }

  /**
   * Predicts the frames of a video or a camera, until it ends, the signal is aborted or the loop is left.
   * One frame at a time is predicted, the newest each time; `dropped` counts those that were shown in the
   * meantime.
   *
   * ```ts
   * for await (const { prediction, time, dropped } of task.predictFrames(video)) …
   * ```
   *
   * @throws UsageError when the task reads texts.
   * @throws DataError when the video cannot be played.
   */
  predictFrames(
    video: HTMLVideoElement,
    options: PredictOptions = {},
  ): AsyncGenerator<PredictedFrame> {
    if (this.modality !== "image") throw new UsageError("The task reads texts, and no video.");
    const frame = [video as unknown as WebInputOf<M>];
    const predict = async (): Promise<SelectivePrediction> =>
      (await this.#predictAll(frame, options))[0]!;
    return framesOf(video, predict, options.signal);
  }

  /**
   * Measures the task on labelled data: on the `test` split, else `val`, else all.
   *
   * @throws DataError when there is a label that the task does not know, or an image cannot be read.
   */
  async evaluate(source: WebDataSource, options: WebEvaluateOptions = {}): Promise<Evaluation> {
    return this.#callWith("evaluate", (made) => this.#sent(source, made), options);
  }

  /**
   * Compares the task with another one on the same labelled examples, pair by pair.
   *
   * @throws UsageError when one task reads texts and the other images.
   */
  async compare(
    other: Task,
    source: WebDataSource,
    options: WebEvaluateOptions = {},
  ): Promise<TaskComparison> {
    // A task of another copy of this code is of another class.
    if (!(other instanceof Task) || other.#engine !== this.#engine) {
      throw new UsageError(
        "The tasks are of two instances of Engraft, or of a worker that has died.",
      );
    }
    const prepare = async (made: ImageBitmap[]) => ({
      ...(await this.#sent(source, made)),
      other: other.#facts.task,
    });
    return this.#callWith("compare", prepare, options);
  }

  /**
   * Adds examples, and classes, without a new pass of the base over the old examples.
   *
   * @returns Another task, whose `extension` says what changed; this one stays as it is.
   * @throws DataError when the data cannot be used, or old images are needed and not found.
   */
  async extend(source: WebDataSource, options: WebExtendOptions = {}): Promise<Task<M>> {
    const { unlabelled, ...rest } = options;
    const prepare = async (made: ImageBitmap[]) => ({
      ...(await this.#sent(source, made)),
      unlabelled: unlabelled === undefined ? undefined : await sendUnlabelled(unlabelled, made),
    });
    return new Task(await this.#callWith("extend", prepare, rest), this.#engine);
  }

  /** Finds labels that are probably wrong. */
  async findLabelErrors(source: WebDataSource, options: WebWorkOptions = {}): Promise<LabelReview> {
    const prepare = (made: ImageBitmap[]) => this.#sent(source, made);
    const review = await this.#callWith("findLabelErrors", prepare, options);
    return { ...review, suspects: receiveItems(review.suspects) };
  }

  /** Chooses among unlabelled inputs those to label next, and forecasts what their labels will bring. */
  async suggest(
    source: WebUnlabelledSource,
    options: WebSuggestOptions = {},
  ): Promise<Suggestions> {
    const prepare = async (made: ImageBitmap[]) => ({
      source: await sendUnlabelled(source, made),
    });
    const found = await this.#callWith("suggest", prepare, options);
    return { ...found, suggested: receiveItems(found.suggested) };
  }

  /**
   * Makes a report: one page, as HTML without scripts.
   *
   * @throws UsageError when nothing measured the task.
   */
  report(options: WebReportOptions = {}): Promise<WebReport> {
    return this.#call("report", {}, options);
  }

  /**
   * The task as one file, to download or to send: `mails.engraft.zip`, which Engraft reads everywhere; or
   * `mails.html`, a page that predicts in any browser without a network.
   *
   * ```ts
   * const file = await task.export({ format: "engraft" });
   * link.href = URL.createObjectURL(file);
   * ```
   */
  export(options: WebFileExport): Promise<Blob>;
  /** Exports the task as one ONNX model that needs no Engraft, as files in memory. */
  export(options?: WebExportOptions): Promise<WebExportedTask>;
  async export(options: WebExportOptions | WebFileExport = {}): Promise<Blob | WebExportedTask> {
    if (options.format === "html") {
      const { file } = await this.#call("exportPage", {}, options);
      return new Blob([file], { type: "text/html" });
    }
    if (options.format === "engraft") {
      const { file } = await this.#engine.call("pack", { task: this.#facts.task });
      return new Blob([file], { type: "application/zip" });
    }
    const { data, inputs, format: _, ...rest } = options;
    const prepare = async (made: ImageBitmap[]) => ({
      data: data === undefined ? undefined : await sendData(data, this.#engine, made),
      inputs: inputs === undefined ? undefined : await sendUnlabelled(inputs, made),
    });
    return this.#callWith("export", prepare, rest);
  }

  /**
   * Saves the task: under a name, in this browser; or in a folder that the user chose.
   *
   * @throws TaskChangedError when another tab has saved a task under the name since this one was read.
   * @throws OutputError when it cannot be written: the browser gives no more room.
   */
  async save(target: WebTaskTarget, options: Pick<Watch, "onWarning"> = {}): Promise<void> {
    await this.#call("save", { place: sendPlace(target) }, options);
  }

  /** The files that {@link Task.save} writes, by their names. */
  async files(): Promise<ReadonlyMap<string, Uint8Array>> {
    return (await this.#engine.call("taskFiles", { task: this.#facts.task })).files;
  }

  /** How good the task is, as lines of text. */
  toString(): string {
    return this.#facts.text;
  }

  /** Frees the models. The task cannot predict afterwards. */
  async close(): Promise<void> {
    await this.#engine.call("closeTask", { task: this.#facts.task });
  }

  /** Closes the task at the end of `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call<K extends keyof EngineMethods>(
    method: K,
    params: Omit<EngineMethods[K]["params"], "task" | "options">,
    options: object & Watch,
  ): Promise<EngineMethods[K]["result"]> {
    const whole = { ...params, task: this.#facts.task, options: sendable(options) };
    return this.#engine.call(method, whole as EngineMethods[K]["params"], options);
  }

  /** As {@link Task.#call}, with inputs of the page. */
  #callWith<K extends keyof EngineMethods>(
    method: K,
    prepare: (made: ImageBitmap[]) => Promise<Omit<EngineMethods[K]["params"], "task" | "options">>,
    options: object & Watch,
  ): Promise<EngineMethods[K]["result"]> {
    const whole = async (made: ImageBitmap[]): Promise<EngineMethods[K]["params"]> => {
      const params = await prepare(made);
      return { ...params, task: this.#facts.task, options: sendable(options) } as never;
    };
    return this.#engine.callWith(method, whole, options);
  }

  async #sent(source: WebDataSource, made: ImageBitmap[]): Promise<{ readonly source: SentData }> {
    return { source: await sendData(source, this.#engine, made) };
  }

  async #predictAll(
    given: readonly WebInputOf<M>[],
    options: PredictOptions,
  ): Promise<SelectivePrediction[]> {
    const prepare = async (made: ImageBitmap[]) => ({
      inputs: await sendInputs(given as readonly WebImage[], this.modality, made),
    });
    const { predictions } = await this.#callWith("predict", prepare, options);
    return predictions.map(receivePrediction);
  }
}

function isSeveral<T>(given: T | readonly T[]): given is readonly T[] {
  return Array.isArray(given);
}

/** The code that watches a video is loaded when there is one. */
async function* framesOf(
  ...watched: Parameters<typeof import("./frames.js").predictFrames>
): AsyncGenerator<PredictedFrame> {
  const { predictFrames } = await import("./frames.js");
  yield* predictFrames(...watched);
}
