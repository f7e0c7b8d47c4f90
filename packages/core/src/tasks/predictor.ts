import type { BaseModel } from "../bases/base.js";
import type { Input } from "../dataset/dataset.js";
import type { DataError } from "../errors.js";
import type { Matrix64 } from "../math/matrix.js";
import type { Abort, Platform } from "../platform.js";
import { type Prediction, TaskHead, type TaskParts } from "./task-head.js";
import { Trunk } from "./trunk.js";

/** A task that is loaded and ready to predict: a head alone on its trunk. */
export class Predictor {
  readonly #head: TaskHead;
  readonly #trunk: Trunk;

  private constructor(head: TaskHead, trunk: Trunk) {
    this.#head = head;
    this.#trunk = trunk;
  }

  /**
   * Loads the head, and of the base only the layers up to the deepest that the head reads. The base
   * is not needed once this has returned its promise.
   */
  static open(task: TaskParts, base: BaseModel, platform: Platform): Promise<Predictor> {
    return Predictor.withHead(task, platform, Trunk.open(base, task.manifest, platform));
  }

  private static async withHead(
    task: TaskParts,
    platform: Platform,
    opened: Promise<Trunk>,
  ): Promise<Predictor> {
    // One after the other, so that for a single prediction both load on the same thread.
    const trunk = await opened;
    return new Predictor(await TaskHead.open(task, platform), trunk);
  }

  /**
   * Predicts some inputs in one go. An input that cannot be decoded has its error in place of a
   * prediction.
   */
  async predict(inputs: readonly Input[], abort?: Abort): Promise<(Prediction | DataError)[]> {
    const { logProbabilities, unreadable } = await this.logProbabilities(inputs, abort);
    return inputs.map(
      (_, row) => unreadable.get(row) ?? this.#head.toPrediction(logProbabilities, row),
    );
  }

  /** The log-probabilities [inputs, labels]; rows of inputs that cannot be decoded are undefined. */
  async logProbabilities(
    inputs: readonly Input[],
    abort?: Abort,
  ): Promise<{ logProbabilities: Matrix64; unreadable: ReadonlyMap<number, DataError> }> {
    const asked = [{ head: this.#head, rows: Int32Array.from(inputs.keys()) }];
    const { logProbabilities, unreadable } = await this.#trunk.run(inputs, asked, abort);
    return { logProbabilities: logProbabilities[0]!, unreadable };
  }

  async release(): Promise<void> {
    await Promise.all([this.#head.release(), this.#trunk.release()]);
  }
}
