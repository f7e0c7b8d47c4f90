import type { FeatureColumn } from "../features/columns.js";
import type { Matrix64 } from "../math/matrix.js";
import type { OutlierJudge } from "./outlier-judge.js";
import type { Prediction, TaskHead } from "./task-head.js";
import { type TrunkReader, trunkKey } from "./trunk.js";

/** What answers for a task: its head and, where outliers are told, the judge beside it. */
export class Answerer {
  readonly head: TaskHead;
  readonly #judge: OutlierJudge | undefined;

  /** Takes over head and judge. */
  constructor(head: TaskHead, judge?: OutlierJudge) {
    this.head = head;
    this.#judge = judge;
  }

  /** To be put on a trunk that covers {@link columns}. */
  get readers(): readonly TrunkReader[] {
    return this.#judge === undefined ? [this.head] : [this.head, this.#judge];
  }

  /** What the readers read of the base. */
  get columns(): readonly FeatureColumn[] {
    return this.readers.flatMap(({ columns }) => columns);
  }

  /** Answerers of equal keys can share a trunk. */
  get trunkKey(): string {
    return trunkKey({ ...this.head.manifest, columns: this.columns });
  }

  /** @param answers - What the readers said, in their order. */
  toPrediction([logProbabilities, judged]: readonly Matrix64[], row: number): Prediction {
    const prediction = this.head.toPrediction(logProbabilities!, row);
    if (this.#judge === undefined) return prediction;
    return { ...prediction, familiarity: this.#judge.toFamiliarity(judged!, row) };
  }

  /** Frees head and judge, which cannot be used afterwards. */
  async release(): Promise<void> {
    await Promise.all([this.head.release(), this.#judge?.release()]);
  }
}
