import type { DataError } from "@engraft/core/errors";
import type { Abort, BaseModel, Input, Matrix64, Platform } from "@engraft/core/predict";
import { type SplitBase, splitBase } from "@engraft/core/predict";
import { Answerer, needsOf } from "./answerer.js";
import type { OutlierJudge } from "./outlier-judge.js";
import type { Prediction, TaskParts } from "./task-head.js";
import { Trunk, type TrunkAnswers } from "./trunk.js";
import type { TrunkReader } from "./trunk-reader.js";

/** A task that is loaded and ready to predict: alone on its trunk. */
export class Predictor {
  readonly #answerer: Answerer;
  readonly #trunk: Trunk;

  private constructor(answerer: Answerer, trunk: Trunk) {
    this.#answerer = answerer;
    this.#trunk = trunk;
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
    judge?: OutlierJudge,
  ): Promise<Predictor> {
    const split = splitBase(base, task.manifest.columns);
    const needs = needsOf(task.manifest, split, judge);
    const trunk = Trunk.open(split?.frozen ?? base, needs, platform);
    return Predictor.withHead(task, split, platform, trunk, judge);
  }

  private static async withHead(
    task: TaskParts,
    split: SplitBase | undefined,
    platform: Platform,
    opened: Promise<Trunk>,
    judge: OutlierJudge | undefined,
  ): Promise<Predictor> {
    // One after the other, so that for a single prediction all load on the same thread.
    const trunk = await opened;
    return new Predictor(await Answerer.open(task, split, platform, judge), trunk);
  }

  /**
   * Predicts some inputs in one go. An input that cannot be decoded has its error in place of a
   * prediction.
   */
  async predict(inputs: readonly Input[], abort?: Abort): Promise<(Prediction | DataError)[]> {
    const { readers } = this.#answerer;
    const { answers, unreadable, lengths } = await this.#ask(readers, inputs, abort);
    return inputs.map(
      (_, row) => unreadable.get(row) ?? this.#answerer.toPrediction(answers, row, lengths?.[row]),
    );
  }

  /**
   * The log-probabilities [inputs, labels], of which rows of inputs that cannot be decoded are
   * undefined, and how long each text is, where layers are read of it.
   */
  async logProbabilities(
    inputs: readonly Input[],
    abort?: Abort,
  ): Promise<{ logProbabilities: Matrix64 } & Pick<TrunkAnswers, "unreadable" | "lengths">> {
    const { answers, ...rest } = await this.#ask(this.#answerer.readers.slice(0, 1), inputs, abort);
    return { logProbabilities: answers[0]!, ...rest };
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
