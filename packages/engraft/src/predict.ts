/**
 * The entry `engraft/predict`, for functions and other small programs that predict and do nothing else.
 * Its types refer to no other module: the package `@engraft/predict` is this entry in one piece.
 *
 * @module engraft/predict
 */
import { loadTask as load } from "./tasks.js";

/** What an input can be: a text; for a task on images, the path or the bytes of an image file. */
export type PredictInput = string | Uint8Array;

/** The answer to one input. */
export interface PredictedLabel {
  /** The most probable label. */
  readonly label: string;
  readonly probability: number;
  /** Every label's probability. Has no prototype, so that any label can be a key. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** How inputs are predicted. */
export interface PredictLabelOptions {
  /** Stops the work; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A trained task that predicts. */
export interface LoadedTask {
  readonly labels: readonly string[];
  /** What it reads. */
  readonly modality: "text" | "image";
  /**
   * Predicts one input, or several: one answer for each, in order.
   *
   * @throws An error with the `code` `data/unreadable` when an image cannot be decoded, with every such
   *   input in `problems`.
   */
  predict(input: PredictInput, options?: PredictLabelOptions): Promise<PredictedLabel>;
  /** Predicts several inputs: one answer for each, in order. */
  predict(
    inputs: readonly PredictInput[],
    options?: PredictLabelOptions,
  ): Promise<PredictedLabel[]>;
  /** Frees the models. The task cannot be used afterwards; idle threads do not keep a process alive. */
  close(): Promise<void>;
}

/**
 * Loads a task folder, checking its files and its base model against their digests.
 *
 * ```ts
 * const task = await loadTask("mails.engraft");
 * const { label, probability } = await task.predict("Win a free cruise!!!");
 * ```
 *
 * @throws An error with the `code` `usage` when the folder is not a task, and with one that begins with
 *   `task/` or `base/` when a file of the task or of its base model was altered or is missing.
 */
export async function loadTask(path: string): Promise<LoadedTask> {
  const task = await load(path);
  const { labels, modality } = task;
  async function predict(
    input: PredictInput,
    options?: PredictLabelOptions,
  ): Promise<PredictedLabel>;
  async function predict(
    inputs: readonly PredictInput[],
    options?: PredictLabelOptions,
  ): Promise<PredictedLabel[]>;
  async function predict(
    given: PredictInput | readonly PredictInput[],
    options: PredictLabelOptions = {},
  ): Promise<PredictedLabel | PredictedLabel[]> {
    const isOne = typeof given === "string" || given instanceof Uint8Array;
    return isOne ? task.predict(given, options) : task.predict(given, options);
  }
  return { labels, modality, predict, close: () => task.close() };
}
