import type { Matrix64, Platform, SplitBase, TextLength } from "@engraft/core/predict";
import { columnKey } from "@engraft/core/predict";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { BackboneConsumer } from "./backbone-consumer.js";
import type { OutlierDetector } from "./outlier-detector.js";
import { type BackboneNeeds, backboneKey } from "./shared-backbone.js";
import { type Prediction, TaskHead, type TaskParts } from "./task-head.js";
import { TunedLayers } from "./tuned-layers.js";

/**
 * What answers for a task: its head, the tuned layers that are its own and, where outliers are told,
 * the judge beside it.
 */
export class TaskPredictor {
  readonly head: TaskHead;
  readonly #tuned: TunedLayers | undefined;
  readonly #judge: OutlierDetector | undefined;

  private constructor(
    head: TaskHead,
    tuned: TunedLayers | undefined,
    judge: OutlierDetector | undefined,
  ) {
    this.head = head;
    this.#tuned = tuned;
    this.#judge = judge;
  }

  /**
   * Loads what a task has of its own.
   *
   * @param split - Where the base of the task shares its lower layers with the frozen one.
   * @param judge - Judges every input, and belongs to the taskPredictor from now on. Default: none does.
   * @param after - What is loaded before it.
   */
  static async open(
    task: TaskParts,
    split: SplitBase | undefined,
    platform: Pick<Platform, "runtime">,
    judge?: OutlierDetector,
    after: Promise<unknown> = Promise.resolve(),
  ): Promise<TaskPredictor> {
    const tuned = split && after.then(() => TunedLayers.open(split, platform));
    const head = TaskHead.open(task, platform, tuned ?? after);
    return new TaskPredictor(await head, await tuned, judge);
  }

  /** To be put on a backbone that covers {@link TaskPredictor.needs}. */
  get readers(): readonly BackboneConsumer[] {
    const { head } = this;
    const reader: BackboneConsumer = {
      columns: head.columns,
      tuned: this.#tuned,
      run: (inputs, features) => head.run(inputs, features),
    };
    return this.#judge === undefined ? [reader] : [reader, this.#judge];
  }

  /** What the readers need of a backbone. */
  get needs(): BackboneNeeds {
    return needsOf(this.head.manifest, this.#tuned, this.#judge);
  }

  /** Whether only its own layers are tuned, and the backbone is that of the frozen base. */
  get startsFrozen(): boolean {
    return this.#tuned !== undefined;
  }

  /** TaskPredictors of equal keys can share a backbone. */
  get backboneKey(): string {
    const { manifest } = this.head;
    const columns = this.readers.flatMap((reader) => reader.columns);
    return backboneKey({ ...manifest, columns, files: this.startsFrozen ? {} : manifest.files });
  }

  /**
   * @param answers - What the readers said, in their order.
   * @param length - Of the text of this row.
   */
  toPrediction(
    [logProbabilities, judged]: readonly Matrix64[],
    row: number,
    length?: TextLength,
  ): Prediction {
    return {
      ...this.head.toPrediction(logProbabilities!, row, length),
      ...(this.#judge && { outlier: this.#judge.toOutlierScore(judged!, row) }),
    };
  }

  /** Frees all of it, which cannot be used afterwards. */
  async release(): Promise<void> {
    await Promise.all([this.head.release(), this.#tuned?.release(), this.#judge?.release()]);
  }
}

/** What a task needs of a backbone: all that its own layers do not give. */
export function needsOf(
  { columns, preprocessing }: TaskManifest,
  own: Pick<SplitBase, "cut" | "columns"> | undefined,
  judge: Pick<OutlierDetector, "columns"> | undefined,
): BackboneNeeds {
  const given = new Set(own?.columns.map(columnKey));
  const below = columns.filter((column) => !given.has(columnKey(column)));
  return {
    columns: [...below, ...(judge?.columns ?? [])],
    cuts: own && [own.cut],
    preprocessing,
  };
}
