import type { Dataset, Input, OnProgress } from "@engraft/core";
import { DataError, UsageError } from "@engraft/core/errors";
import type { BaseModel } from "@engraft/core/predict";
import type {
  EvaluateOptions,
  Evaluation,
  OutlierDetector,
  TaskComparison,
  TrainingSet,
} from "@engraft/tasks";
import {
  EXAMPLES_FILE,
  Predictor,
  parseExamples,
  type RecordedExample,
  type SelectiveOptions,
  type SelectivePrediction,
  selectiveLimits,
  type TaskManifest,
  type TrainedTask,
  withSelection,
} from "@engraft/tasks/predict";
import { rawInput } from "../data/raw-input.js";
import type { NodeHost } from "../host/node-host.js";
import { findTaskExamples } from "./folder.js";
import { openOutlierDetector } from "./outlier-detector.js";
import { readBaseOf, readTask } from "./read-task.js";
import { unpredictable } from "./unpredictable.js";
import { windows } from "./windows.js";

/** Inputs that are predicted together while streaming: bounds the memory. */
const STREAM_WINDOW = 512;

/** One input of a stream and what to call it in the output. */
export interface StreamInput {
  readonly source: string;
  readonly input: Input;
}

/** The answer to one input of a stream: a prediction, or why there is none. */
export interface StreamResult extends StreamInput {
  readonly result: SelectivePrediction | DataError;
}

/** How inputs are predicted. */
export interface PredictOptions extends SelectiveOptions {
  readonly signal?: AbortSignal | undefined;
  /** Largest width x height of an image that {@link Task.predict} reads. Default 50,000,000. */
  readonly maxImagePixels?: number | undefined;
}

export interface MeasureOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Go on without examples that cannot be decoded or have an unknown label. Default false. */
  readonly skipBad?: boolean | undefined;
}

/**
 * A trained task: predicts and can be measured. Threads and models are loaded at the first use;
 * {@link Task.close} lets the process end.
 */
export class Task {
  readonly manifest: TaskManifest;
  private readonly trained: TrainedTask;
  /** Needed until the layers that the head reads are loaded; then its memory is given back. */
  private base: BaseModel | undefined;
  private readonly platform: NodeHost;
  private readonly judge: OutlierDetector | undefined;
  private readonly readExamples: ReadExamples;
  private predictor: Promise<Predictor> | undefined;
  private closed = false;

  /** @param parts.readExamples - Default: they are among the files of the task. */
  constructor(
    trained: TrainedTask,
    base: BaseModel,
    platform: NodeHost,
    parts: {
      readonly judge?: OutlierDetector | undefined;
      readonly readExamples?: ReadExamples;
    } = {},
  ) {
    this.judge = parts.judge;
    this.readExamples = parts.readExamples ?? (async () => examplesAmong(trained.files));
    this.trained = trained;
    this.manifest = trained.manifest;
    this.base = base;
    this.platform = platform;
  }

  /**
   * Predicts some inputs: texts, or for a task on images the paths or the bytes of image files.
   *
   * @returns One prediction per input, in order.
   * @throws DataError when an image cannot be decoded, listing every such input.
   * @throws UsageError when more selective is asked for than the task can promise.
   */
  async predict(
    inputs: readonly (string | Uint8Array)[],
    options: PredictOptions = {},
  ): Promise<SelectivePrediction[]> {
    const limits = selectiveLimits(this.manifest, options);
    const predictor = await this.open();
    const results = await predictor.predict(
      inputs.map((input) => rawInput(input, this.manifest.modality, options.maxImagePixels)),
      options.signal,
    );
    const problems = results.flatMap((result, index) =>
      result instanceof DataError
        ? [{ where: nameOf(inputs[index]!, index), what: result.message }]
        : [],
    );
    if (problems.length > 0) throw unpredictable(problems);
    return results.flatMap((result) =>
      result instanceof DataError ? [] : [withSelection(result, limits)],
    );
  }

  /**
   * Predicts any number of inputs in constant memory, in order. Inputs that cannot be decoded have
   * their error as result.
   */
  async *stream(
    inputs: AsyncIterable<StreamInput> | Iterable<StreamInput>,
    options: PredictOptions = {},
  ): AsyncGenerator<StreamResult> {
    const limits = selectiveLimits(this.manifest, options);
    const opened = this.open();
    // The first inputs are read while the model loads, and may end the stream before it has.
    opened.catch(() => {});
    for await (const window of windows(inputs, STREAM_WINDOW)) {
      const predictor = await opened;
      const results = await predictor.predict(
        window.map(({ input }) => input),
        options.signal,
      );
      for (const [index, item] of window.entries()) {
        const result = results[index]!;
        yield {
          ...item,
          result: result instanceof DataError ? result : withSelection(result, limits),
        };
      }
    }
    await opened;
  }

  /**
   * Measures the task on labelled examples: those of the `test` split, else `val`, else all. Says how
   * many of them the task was trained on, and how much of the texts the base model did not read.
   *
   * @throws DataError when there is a label that the task does not know, or an image cannot be read.
   */
  async evaluate(dataset: Dataset, options: MeasureOptions = {}): Promise<Evaluation> {
    const { evaluateTask } = await import("@engraft/tasks");
    const { labels } = this.manifest;
    const evaluation = await evaluateTask(await this.open(), labels, measured(dataset), {
      ...forCore(options),
      trainingSet: await this.trainingSet(),
    });
    return { ...evaluation, skipped: [...dataset.skipped, ...evaluation.skipped] };
  }

  /**
   * Compares the task with another one on the same labelled examples, pair by pair: those of the
   * `test` split, else `val`, else all. A difference above 0 speaks for the other.
   *
   * @throws DataError when an example cannot be read.
   * @throws UsageError when one task reads texts and the other images.
   */
  async compare(
    other: Task,
    dataset: Dataset,
    options: MeasureOptions = {},
  ): Promise<TaskComparison> {
    if (other.manifest.modality !== this.manifest.modality) {
      throw new UsageError("One of the tasks reads texts and the other images.");
    }
    const { compareTasks } = await import("@engraft/tasks");
    const both = [await this.open(), await other.open()] as const;
    const known = [await this.trainingSet(), await other.trainingSet()] as const;
    return compareTasks(both, measured(dataset), known, forCore(options));
  }

  /** Stops the threads. The task cannot be used afterwards. */
  async close(): Promise<void> {
    this.closed = true;
    await this.platform.close();
  }

  /** What the task was trained on; undefined where it keeps no examples. */
  private async trainingSet(): Promise<TrainingSet | undefined> {
    const examples = await this.readExamples();
    const { trainingSetOf } = await import("@engraft/tasks");
    return examples && trainingSetOf(examples, this.platform);
  }

  private open(): Promise<Predictor> {
    if (this.closed) {
      return Promise.reject(new UsageError("The task was closed. Load it again to predict."));
    }
    if (this.predictor === undefined) {
      this.predictor = Predictor.open(this.trained, this.base!, this.platform, this.judge);
      this.base = undefined;
    }
    return this.predictor;
  }
}

/** Reads what a task was trained on; undefined where it keeps no examples. */
type ReadExamples = () => Promise<readonly RecordedExample[] | undefined>;

function examplesAmong(files: TrainedTask["files"]): readonly RecordedExample[] | undefined {
  const lines = files.get(EXAMPLES_FILE);
  return lines && parseExamples(lines);
}

/** The examples of a data set that tasks are measured on. */
function measured({ splits: { train, val, test } }: Dataset): Dataset["splits"]["train"] {
  return test ?? val ?? train;
}

function forCore({ signal, ...options }: MeasureOptions): EvaluateOptions {
  return { ...options, signal };
}

/** How a task is loaded. */
export interface LoadOptions {
  /**
   * Judge of every input how much it is like the training examples, which costs a moment when the task
   * is loaded. Needs the examples that a task keeps. Default false.
   */
  readonly outliers?: boolean | undefined;
}

/**
 * Opens a task folder on a platform that the task then owns; `loadTask` without the platform.
 *
 * @throws UsageError when the folder is not a task.
 * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
 */
export async function openTask(
  path: string,
  platform: NodeHost,
  { outliers = false }: LoadOptions,
): Promise<Task> {
  const task = await readTask(path);
  const base = await readBaseOf(task, path, platform);
  const judge = outliers ? await openOutlierDetector(task, path, platform) : undefined;
  const readExamples = () => findTaskExamples(path, task.manifest);
  return new Task(task, base, platform, { judge, readExamples });
}

function nameOf(input: string | Uint8Array, index: number): string {
  return typeof input === "string" ? input : `input ${index + 1}`;
}
