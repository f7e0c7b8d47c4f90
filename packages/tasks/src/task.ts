import type { BaseModel, Modality } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { EvaluateSourceOptions } from "./actions/evaluate.js";
import type { ExportedTask, ExportOptions } from "./actions/export.js";
import type { ExportedPage, PageExportOptions } from "./actions/export-page.js";
import type { ExtendOptions, Extension } from "./actions/extend.js";
import type { WorkOptions } from "./actions/options.js";
import type { Report, ReportOptions } from "./actions/report.js";
import type { Suggestions, SuggestOptions } from "./actions/suggest.js";
import type { UnlabelledPlaces } from "./actions/unlabelled.js";
import type { TaskComparison } from "./evaluate/compare-tasks.js";
import type { Evaluation } from "./evaluate/evaluate.js";
import { describeTask } from "./format/manifest/describe-task.js";
import {
  type ComparedMetrics,
  isMeasured,
  type SummaryMetrics,
  type TaskManifest,
} from "./format/manifest/manifest.js";
import { requireMeasured } from "./format/manifest/measured.js";
import type { LabelReview } from "./label/relabel.js";
import type { TrainedTask } from "./predict/open-task.js";
import type { PredictOptions, PredictStreamOptions } from "./predict/options.js";
import type { OutlierDetector } from "./predict/outlier-detector.js";
import { predictInputs } from "./predict/predict-inputs.js";
import { predictStream, type StreamedPrediction } from "./predict/predict-stream.js";
import { Predictor } from "./predict/predictor.js";
import type { SelectivePrediction } from "./predict/selective.js";
import { openInputs } from "./sources/open-inputs.js";
import type { RunOptions } from "./sources/options.js";
import type { DataSource, UnlabelledSource } from "./sources/source.js";
import type { InputOf, TaskDetails } from "./task-details.js";
import type { TaskHandle } from "./task-handle.js";
import { TaskMemory, type TaskOrigin } from "./task-memory.js";
import type { Workspace } from "./workspace.js";

/**
 * A trained task: what `train`, `loadTask` and `extend` give. Models are loaded at the first use and
 * kept until {@link Task.close}.
 *
 * ```ts
 * await using task = await loadTask("mails.engraft");
 * const { label, probability } = await task.predict("Win a free cruise!!!");
 * ```
 */
export class Task<M extends Modality = Modality> {
  /** Everything that `task.json` says. */
  readonly manifest: TaskManifest;
  /** What an extension changed; undefined for a task that comes from none. */
  readonly extension: Extension | undefined;
  readonly #workspace: Workspace;
  readonly #trained: TrainedTask;
  readonly #outliers: OutlierDetector | undefined;
  readonly #memory: TaskMemory;
  readonly #data: string | undefined;
  readonly #madeOf: TaskOrigin | undefined;
  #origin: TaskOrigin | undefined;
  /** Needed until the layers that the head reads are loaded; then its memory is given back. */
  #base: BaseModel | undefined;
  #predictor: Promise<Predictor> | undefined;
  #closed = false;

  /** @internal Made by `Engraft`. */
  constructor(
    trained: TrainedTask,
    base: BaseModel,
    workspace: Workspace,
    { origin, data, outliers, extension, madeOf }: TaskDetails = {},
  ) {
    this.manifest = trained.manifest;
    this.extension = extension;
    this.#workspace = workspace;
    this.#trained = trained;
    this.#outliers = outliers;
    this.#memory = new TaskMemory(trained, origin, workspace.host);
    this.#data = data;
    this.#madeOf = madeOf;
    this.#origin = origin;
    this.#base = base;
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
    return requireMeasured(this.manifest).evaluation.outOfFold;
  }

  /** Whether it was measured. One that was started from the names of its labels was not. */
  get isMeasured(): boolean {
    return isMeasured(this.manifest);
  }

  /** What it is compared with on the same examples, by name: see {@link ComparedMetrics.baselines}. */
  get baselines(): Readonly<Record<string, SummaryMetrics>> {
    return this.metrics.baselines;
  }

  /**
   * Predicts one input.
   *
   * @throws DataError when an image cannot be decoded.
   * @throws UsageError when the task cannot promise what `maxErrorRate` or `confidence` ask for.
   */
  predict(input: InputOf<M>, options?: PredictOptions): Promise<SelectivePrediction>;
  /**
   * Predicts some inputs.
   *
   * @returns One prediction for each input, in order.
   * @throws DataError when images cannot be decoded, listing every one of them.
   * @throws UsageError when the task cannot promise what `maxErrorRate` or `confidence` ask for.
   */
  predict(inputs: readonly InputOf<M>[], options?: PredictOptions): Promise<SelectivePrediction[]>;
  async predict(
    given: InputOf<M> | readonly InputOf<M>[],
    options: PredictOptions = {},
  ): Promise<SelectivePrediction | SelectivePrediction[]> {
    const { host } = this.#workspace;
    const inputs = Array.isArray(given) ? given : [given];
    const open = (): Promise<Predictor> => this.#open();
    const predictions = await predictInputs(inputs, this.manifest, host, open, options);
    return Array.isArray(given) ? predictions : predictions[0]!;
  }

  /**
   * Predicts any number of inputs in constant memory and in order. One that cannot be read or decoded
   * has an `error` instead of a `prediction`.
   *
   * ```ts
   * for await (const { source, prediction } of task.predictStream("inbox.csv")) …
   * ```
   *
   * @param source - The place of data, such as a file with a column of texts; or a list or stream of
   *   inputs.
   */
  predictStream(
    source: UnlabelledSource,
    options: PredictStreamOptions = {},
  ): AsyncGenerator<StreamedPrediction> {
    const { modality } = this.manifest;
    const inputs = openInputs(source, this.#workspace.host, { ...options, modality });
    return predictStream(inputs, this.manifest, () => this.#open(), options);
  }

  /**
   * Measures the task on labelled data: on the `test` split, else `val`, else all. Says how many of the
   * examples the task was trained on, and how much of the texts the base model did not read.
   *
   * @throws DataError when there is a label that the task does not know, or an image cannot be read.
   */
  async evaluate(source: DataSource, options: EvaluateSourceOptions = {}): Promise<Evaluation> {
    const { evaluate } = await import("./actions/evaluate.js");
    return evaluate(this.#handle, source, options, this.#workspace);
  }

  /**
   * Compares the task with another one on the same labelled examples, pair by pair: those of the `test`
   * split, else `val`, else all. A difference above 0 speaks for the other.
   *
   * @throws DataError when an example cannot be read.
   * @throws UsageError when one task reads texts and the other images.
   */
  async compare(
    other: Task,
    source: DataSource,
    options: EvaluateSourceOptions = {},
  ): Promise<TaskComparison> {
    const { compare } = await import("./actions/evaluate.js");
    return compare(this.#handle, other.#handle, source, options, this.#workspace);
  }

  /**
   * Adds examples, and classes, without a new pass of the base over the old examples. An example that
   * the task has already is not added again; with another label, the new label replaces the old. Of
   * data with splits, `train` is added, and `val` and `test` are measured on.
   *
   * @returns Another task, whose `extension` says what changed; this one stays as it is.
   * @throws DataError when the data cannot be used, or old images are needed and not found.
   * @throws UsageError when the task keeps no examples, or its base was fine-tuned.
   */
  async extend(source: DataSource, options: ExtendOptions = {}): Promise<Task<M>> {
    const { extend } = await import("./actions/extend.js");
    const extended = await extend(this.#handle, source, options, this.#workspace);
    const { trained, base, extension } = extended;
    const origin = await this.#originAt(options.output);
    const details = { origin, data: this.#data, extension, madeOf: this.#origin };
    return new Task(trained, base, this.#workspace, details);
  }

  /**
   * Finds labels that are probably wrong, by confident learning: heads with the settings of the task are
   * fitted to parts of the data, and say what they think of the examples that they have not seen.
   *
   * @param source - Its labels need not be those of the task. Of data with splits, `train` is judged.
   */
  async findLabelErrors(source: DataSource, options: WorkOptions = {}): Promise<LabelReview> {
    const { findLabelErrors } = await import("./actions/label.js");
    return findLabelErrors(this.#handle, source, options, this.#workspace);
  }

  /**
   * Chooses among unlabelled inputs those to label next: where the task is uncertain, and unlike one
   * another; while it has fewer than four examples of a label on average, inputs that are typical of
   * clusters without a label. Also forecasts what their labels will bring.
   *
   * @param source - Inputs that have a label already, or that the task was trained on, are passed over.
   * @throws DataError when an input cannot be read and `skipBad` is not set, or there are none.
   */
  async suggest(
    source: UnlabelledSource | UnlabelledPlaces,
    options: SuggestOptions = {},
  ): Promise<Suggestions> {
    const { suggest } = await import("./actions/suggest.js");
    return suggest(this.#handle, source, options, this.#workspace);
  }

  /**
   * Writes a report: one HTML page that shows how good the task is, where it is wrong, which labels look
   * wrong, whether more labels would help, and what each layer of its base knows. The same task gives
   * the same bytes.
   *
   * @throws UsageError when nothing measured the task, or something else is at the place of the report.
   */
  async report(options: ReportOptions = {}): Promise<Report> {
    const { report } = await import("./actions/report.js");
    return report(this.#handle, options, this.#workspace);
  }

  /**
   * Exports the task as one ONNX model that needs no Engraft, with what is needed to use it in Python,
   * Node or elsewhere: see the `README.md` in the folder.
   *
   * @param place - The folder to write. An earlier export there is replaced; anything else is refused.
   */
  export(place: string, options?: ExportOptions): Promise<ExportedTask>;
  /**
   * Exports the task as one HTML file that holds all that it predicts with: the base model, and ONNX
   * Runtime. It opens from a disk or any server, and uses no network.
   *
   * ```ts
   * await task.export("mails.html", { format: "html" });
   * ```
   *
   * @param place - The file to write. An earlier page there is replaced; anything else is refused.
   */
  export(place: string, options: PageExportOptions): Promise<ExportedPage>;
  async export(
    place: string,
    options: ExportOptions | PageExportOptions = {},
  ): Promise<ExportedTask | ExportedPage> {
    if (options.format === "html") {
      const { exportPage } = await import("./actions/export-page.js");
      return exportPage(this.#handle, place, options, this.#workspace);
    }
    const { exportTask } = await import("./actions/export.js");
    return exportTask(this.#handle, place, options, this.#workspace);
  }

  /**
   * Writes the task to a place, where another task is replaced as a whole.
   *
   * @throws UsageError when the place is taken by something that is not a task.
   * @throws TaskChangedError when another process has written there since the task was read.
   * @throws OutputError when it cannot be written.
   */
  async save(place: string, options: Pick<RunOptions, "onWarning"> = {}): Promise<void> {
    const { saveTask, rememberLocation } = await import("./actions/save.js");
    const { host } = this.#workspace;
    // In the place of the task that this one was made of, what others write since is noticed.
    const seen = [this.#origin, this.#madeOf].find((known) => known?.place === place);
    const prepared = await host.tasks.prepare(place, seen);
    const whole = rememberLocation(await this.#whole(), place, this.#data, host);
    await saveTask(whole, place, prepared, options.onWarning);
    this.#origin = await this.#originAt(place);
  }

  /** The files that {@link Task.save} writes, by their names: to send the task, or to keep it elsewhere. */
  async files(): Promise<ReadonlyMap<string, Uint8Array>> {
    const { packFiles } = await import("./format/files/stored-task.js");
    return packFiles(await this.#whole());
  }

  /** How good the task is, as lines of text. */
  toString(): string {
    return describeTask(this.manifest).join("\n");
  }

  /** Frees the models, after what is under way. The task cannot predict afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    const predictor = await this.#predictor?.catch(() => undefined);
    this.#predictor = undefined;
    await predictor?.release();
  }

  /** Closes the task at the end of `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #handle(): TaskHandle {
    const origin = this.#origin;
    return {
      trained: this.#trained,
      memory: this.#memory,
      origin,
      data: this.#data,
      name: origin === undefined ? "The task" : `Task ${origin.place}`,
      open: () => this.#open(),
    };
  }

  /** The task with what it remembers of its examples. */
  async #whole(): Promise<TrainedTask> {
    const { RECORD_FILES } = await import("./format/manifest/task-files.js");
    const record = await this.#memory.files(RECORD_FILES);
    return { ...this.#trained, files: new Map([...this.#trained.files, ...record]) };
  }

  async #originAt(place: string | undefined): Promise<TaskOrigin | undefined> {
    if (place === undefined) return undefined;
    return { place, state: await this.#workspace.host.tasks.state(place) };
  }

  #open(): Promise<Predictor> {
    if (this.#closed) {
      return Promise.reject(new UsageError("The task was closed. Load it again to predict."));
    }
    if (this.#predictor === undefined) {
      const base = this.#base!;
      this.#predictor = Predictor.open(this.#trained, base, this.#workspace.host, this.#outliers);
      this.#base = undefined;
    }
    return this.#predictor;
  }
}
