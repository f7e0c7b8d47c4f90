import type { DataError } from "@engraft/core/errors";
import type { BaseModel, Input, Matrix64, Platform } from "@engraft/core/predict";
import { type SplitBase, splitBase } from "@engraft/core/predict";
import type { BackboneConsumer } from "./backbone-consumer.js";
import type { OutlierDetector } from "./outlier-detector.js";
import { type BackbonePredictions, SharedBackbone } from "./shared-backbone.js";
import type { Prediction, TaskParts } from "./task-head.js";
import { needsOf, TaskPredictor } from "./task-predictor.js";

/** A task that is loaded and ready to predict: alone on its backbone. */
export class Predictor {
  readonly #taskPredictor: TaskPredictor;
  readonly #backbone: SharedBackbone;
  /** What is under way. */
  readonly #asked = new Set<Promise<unknown>>();

  private constructor(taskPredictor: TaskPredictor, backbone: SharedBackbone) {
    this.#taskPredictor = taskPredictor;
    this.#backbone = backbone;
  }

  /**
   * Loads the head, and of the base only the layers up to the deepest that is read. A base that is not
   * tuned is not needed once this has returned its promise.
   *
   * @param judge - Judges every input, and belongs to the predictor from now on. Default: none does.
   */
  static open(
    task: TaskParts,
    base: BaseModel,
    platform: Platform,
    judge?: OutlierDetector,
  ): Promise<Predictor> {
    const split = splitBase(base, task.manifest.columns);
    const needs = needsOf(task.manifest, split, judge);
    const backbone = SharedBackbone.open(split?.frozen ?? base, needs, platform);
    return Predictor.#withHead(task, split, platform, backbone, judge);
  }

  static async #withHead(
    task: TaskParts,
    split: SplitBase | undefined,
    platform: Platform,
    opened: Promise<SharedBackbone>,
    judge: OutlierDetector | undefined,
  ): Promise<Predictor> {
    // One after the other, so that for a single prediction all load on the same thread.
    const taskPredictor = TaskPredictor.open(task, split, platform, judge, opened);
    return new Predictor(await taskPredictor, await opened);
  }

  /**
   * Predicts some inputs in one go. An input that cannot be decoded has its error in place of a
   * prediction.
   */
  async predict(
    inputs: readonly Input[],
    signal?: AbortSignal,
  ): Promise<(Prediction | DataError)[]> {
    const { readers } = this.#taskPredictor;
    const { answers, unreadable, lengths } = await this.#ask(readers, inputs, signal);
    return inputs.map(
      (_, row) =>
        unreadable.get(row) ?? this.#taskPredictor.toPrediction(answers, row, lengths?.[row]),
    );
  }

  /**
   * The log-probabilities [inputs, labels], of which rows of inputs that cannot be decoded are
   * undefined, and how long each text is, where layers are read of it.
   */
  async logProbabilities(
    inputs: readonly Input[],
    signal?: AbortSignal,
  ): Promise<{ logProbabilities: Matrix64 } & Pick<BackbonePredictions, "unreadable" | "lengths">> {
    const { answers, ...rest } = await this.#ask(
      this.#taskPredictor.readers.slice(0, 1),
      inputs,
      signal,
    );
    return { logProbabilities: answers[0]!, ...rest };
  }

  /** Frees the models, after what is under way. */
  async release(): Promise<void> {
    await Promise.allSettled(this.#asked);
    await Promise.all([this.#taskPredictor.release(), this.#backbone.release()]);
  }

  #ask(
    readers: readonly BackboneConsumer[],
    inputs: readonly Input[],
    signal: AbortSignal | undefined,
  ): Promise<BackbonePredictions> {
    const rows = Int32Array.from(inputs.keys());
    const asked = readers.map((reader) => ({ reader, rows }));
    const answers = this.#backbone.run(inputs, asked, signal);
    this.#asked.add(answers);
    const forget = (): boolean => this.#asked.delete(answers);
    answers.then(forget, forget);
    return answers;
  }
}
