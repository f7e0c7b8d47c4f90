import type { BaseModel } from "../bases/base.js";
import type { Input } from "../dataset/dataset.js";
import type { DataError } from "../errors.js";
import type { Matrix64 } from "../math/matrix.js";
import type { Abort, Platform } from "../platform.js";
import { Answerer } from "./answerer.js";
import type { OutlierJudge } from "./outlier-judge.js";
import { type Prediction, TaskHead, type TaskParts } from "./task-head.js";
import { Trunk, type TrunkAnswers, type TrunkReader } from "./trunk.js";

/** A task that is loaded and ready to predict: alone on its trunk. */
export class Predictor {
  readonly #answerer: Answerer;
  readonly #trunk: Trunk;

  private constructor(answerer: Answerer, trunk: Trunk) {
    this.#answerer = answerer;
    this.#trunk = trunk;
  }

  /**
   * Loads the head, and of the base only the layers up to the deepest that is read. The base is not
   * needed once this has returned its promise.
   *
   * @param judge - Judges every input, and belongs to the predictor from now on. Default: none does.
   */
  static open(
    task: TaskParts,
    base: BaseModel,
    platform: Platform,
    judge?: OutlierJudge,
  ): Promise<Predictor> {
    const { columns, preprocessing } = task.manifest;
    const needs = { columns: [...columns, ...(judge?.columns ?? [])], preprocessing };
    return Predictor.withHead(task, platform, Trunk.open(base, needs, platform), judge);
  }

  private static async withHead(
    task: TaskParts,
    platform: Platform,
    opened: Promise<Trunk>,
    judge: OutlierJudge | undefined,
  ): Promise<Predictor> {
    // One after the other, so that for a single prediction both load on the same thread.
    const trunk = await opened;
    return new Predictor(new Answerer(await TaskHead.open(task, platform), judge), trunk);
  }

  /**
   * Predicts some inputs in one go. An input that cannot be decoded has its error in place of a
   * prediction.
   */
  async predict(inputs: readonly Input[], abort?: Abort): Promise<(Prediction | DataError)[]> {
    const { readers } = this.#answerer;
    const { answers, unreadable } = await this.#ask(readers, inputs, abort);
    return inputs.map((_, row) => unreadable.get(row) ?? this.#answerer.toPrediction(answers, row));
  }

  /** The log-probabilities [inputs, labels]; rows of inputs that cannot be decoded are undefined. */
  async logProbabilities(
    inputs: readonly Input[],
    abort?: Abort,
  ): Promise<{ logProbabilities: Matrix64; unreadable: ReadonlyMap<number, DataError> }> {
    const { answers, unreadable } = await this.#ask([this.#answerer.head], inputs, abort);
    return { logProbabilities: answers[0]!, unreadable };
  }

  async release(): Promise<void> {
    await Promise.all([this.#answerer.release(), this.#trunk.release()]);
  }

  #ask(
    readers: readonly TrunkReader[],
    inputs: readonly Input[],
    abort: Abort | undefined,
  ): Promise<TrunkAnswers> {
    const rows = Int32Array.from(inputs.keys());
    const asked = readers.map((reader) => ({ reader, rows }));
    return this.#trunk.run(inputs, asked, abort);
  }
}
