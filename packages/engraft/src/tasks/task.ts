import { readFile } from "node:fs/promises";
import type { Dataset, Input, OnProgress } from "@engraft/core";
import { DataError, IntegrityError, UsageError } from "@engraft/core/errors";
import {
  type BaseModel,
  baseOfTask,
  type Figures,
  HEAD_FILE,
  type Prediction,
  Predictor,
  parseVocabulary,
  type TaskManifest,
  type TrainedTask,
  VOCABULARY_FILE,
} from "@engraft/core/predict";
import { resolveBase } from "../bases/resolve.js";
import type { NodePlatform } from "../platform/node-platform.js";
import { readTaskFolder } from "./folder.js";
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
  readonly result: Prediction | DataError;
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
  private readonly platform: NodePlatform;
  private predictor: Promise<Predictor> | undefined;
  private closed = false;

  constructor(trained: TrainedTask, base: BaseModel, platform: NodePlatform) {
    this.trained = trained;
    this.manifest = trained.manifest;
    this.base = base;
    this.platform = platform;
  }

  /**
   * Predicts some inputs: texts, or for a task on pictures the paths or the bytes of image files.
   *
   * @returns One prediction per input, in order.
   * @throws DataError when a picture cannot be decoded, listing every such input.
   */
  async predict(
    inputs: readonly (string | Uint8Array)[],
    options: { signal?: AbortSignal } = {},
  ): Promise<Prediction[]> {
    const predictor = await this.open();
    const results = await predictor.predict(
      inputs.map((input) => this.toInput(input)),
      options.signal,
    );
    const problems = results.flatMap((result, index) =>
      result instanceof DataError
        ? [{ where: nameOf(inputs[index]!, index), what: result.message }]
        : [],
    );
    if (problems.length > 0) throw unpredictable(problems);
    return results.filter((result): result is Prediction => !(result instanceof DataError));
  }

  /**
   * Predicts any number of inputs in constant memory, in order. Inputs that cannot be decoded have
   * their error as result.
   */
  async *stream(
    inputs: AsyncIterable<StreamInput> | Iterable<StreamInput>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<StreamResult> {
    const opened = this.open();
    // The first inputs are read while the model loads, and may end the stream before it has.
    opened.catch(() => {});
    for await (const window of windows(inputs, STREAM_WINDOW)) {
      const predictor = await opened;
      const results = await predictor.predict(
        window.map(({ input }) => input),
        options.signal,
      );
      for (const [index, item] of window.entries()) yield { ...item, result: results[index]! };
    }
    await opened;
  }

  /**
   * Measures the task on labelled examples: those of the `test` split, else `val`, else all.
   *
   * @throws DataError when there is a label that the task does not know, or an image cannot be read.
   */
  async evaluate(
    dataset: Dataset,
    options: {
      readonly signal?: AbortSignal | undefined;
      readonly onProgress?: OnProgress | undefined;
      /** Go on without examples that cannot be decoded or have an unknown label. Default false. */
      readonly skipBad?: boolean | undefined;
    } = {},
  ): Promise<Figures> {
    const { evaluateTask } = await import("@engraft/core");
    const { test, val, train } = dataset.splits;
    return evaluateTask(await this.open(), this.manifest.labels, test ?? val ?? train, {
      abort: options.signal,
      onProgress: options.onProgress,
      skipBad: options.skipBad,
    });
  }

  /** Stops the threads. The task cannot be used afterwards. */
  async close(): Promise<void> {
    this.closed = true;
    await this.platform.close();
  }

  private open(): Promise<Predictor> {
    if (this.closed) {
      return Promise.reject(new UsageError("The task was closed. Load it again to predict."));
    }
    if (this.predictor === undefined) {
      this.predictor = Predictor.open(this.trained, this.base!, this.platform);
      this.base = undefined;
    }
    return this.predictor;
  }

  private toInput(input: string | Uint8Array): Input {
    if (this.manifest.modality === "image") {
      return {
        kind: "image",
        read: () => (typeof input === "string" ? readImage(input) : Promise.resolve(input)),
      };
    }
    return {
      kind: "text",
      text: typeof input === "string" ? input : new TextDecoder().decode(input),
    };
  }
}

/**
 * Opens a task folder on a platform that the task then owns; `loadTask` without the platform.
 *
 * @throws UsageError when the folder is not a task.
 * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
 */
export async function openTask(path: string, platform: NodePlatform): Promise<Task> {
  const { manifest, files } = await readTaskFolder(path);
  const head = files.get(HEAD_FILE);
  if (head === undefined) {
    throw new IntegrityError("task/invalid", HEAD_FILE, `Task ${path} has no ${HEAD_FILE}.`);
  }
  const vocabulary = files.get(VOCABULARY_FILE);
  const tfidf = vocabulary === undefined ? undefined : parseVocabulary(vocabulary);
  const base = await resolveBase(manifest.base.id, platform, manifest.config.preprocess);
  requireSameBase(base, manifest, path);
  const tuned = await baseOfTask(base, files, platform);
  return new Task({ manifest, files, head, tfidf }, tuned, platform);
}

function requireSameBase({ digest }: BaseModel, { base }: TaskManifest, path: string): void {
  if (digest === base.digest) return;
  throw new IntegrityError(
    "base/altered",
    base.id,
    `Task ${path} was trained on another version of base model ${base.id}: the digest of ` +
      `its files is ${digest}, the task needs ${base.digest}. Restore the files, or train again.`,
  );
}

async function readImage(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("data/unreadable", `the file cannot be read (${reason})`, { cause });
  }
}

function nameOf(input: string | Uint8Array, index: number): string {
  return typeof input === "string" ? input : `input ${index + 1}`;
}
