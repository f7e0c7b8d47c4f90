import type { BaseModel, Input, Platform } from "@engraft/core/predict";
import {
  ADAPTER_FILE,
  createRandom,
  embeddingColumns,
  type FeatureColumn,
  fitOutliers,
  type LinearAlgebra,
  type Matrix64,
  normalizeLength,
  type OutlierModel,
  type OutlierScore,
  rowOf,
  scoreOutliers,
  targetsOf,
  totalWidth,
} from "@engraft/core/predict";
import type { TaskRecord } from "../format/files/record.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { BackboneConsumer } from "./backbone-consumer.js";
import { SharedBackbone } from "./shared-backbone.js";

/**
 * Tells inputs that are unlike all that a task was trained on, by the last layer of the frozen base:
 * a fine-tuned one has learned to see nothing but what it was tuned for.
 */
export class OutlierDetector implements BackboneConsumer {
  /** Empty where the task's own base is fine-tuned: then the judge reads the frozen one itself. */
  readonly columns: readonly FeatureColumn[];
  readonly #embedding: readonly FeatureColumn[];
  readonly #model: OutlierModel;
  readonly #linearAlgebra: LinearAlgebra;
  readonly #frozen: SharedBackbone | undefined;

  private constructor(
    embedding: readonly FeatureColumn[],
    model: OutlierModel,
    linearAlgebra: LinearAlgebra,
    frozen: SharedBackbone | undefined,
  ) {
    this.columns = frozen === undefined ? embedding : [];
    this.#embedding = embedding;
    this.#model = model;
    this.#linearAlgebra = linearAlgebra;
    this.#frozen = frozen;
  }

  /** @param base - The frozen base of the task, which is not needed once this has returned. */
  static async open(
    manifest: TaskManifest,
    record: TaskRecord,
    base: BaseModel,
    platform: Platform,
  ): Promise<OutlierDetector> {
    const { linearAlgebra } = platform;
    const needs = { columns: embeddingColumns(base.spec), preprocessing: manifest.preprocessing };
    const isTuned = ADAPTER_FILE in manifest.files;
    const frozen = isTuned ? await SharedBackbone.open(base, needs, platform) : undefined;
    const model = await fitOutliers({
      embeddings: record.embeddings,
      targets: targetsOf(record.examples, manifest.labels),
      classes: manifest.labels.length,
      groups: record.groups,
      linearAlgebra,
      random: createRandom(manifest.config.seed).derive("outliers"),
    });
    return new OutlierDetector(needs.columns, model, linearAlgebra, frozen);
  }

  /** One row for each input, for {@link OutlierDetector.toOutlierScore}. */
  async run(inputs: readonly Input[], features: Float32Array): Promise<Matrix64> {
    if (this.#frozen === undefined) return this.#judge(inputs.length, features);
    const reader: BackboneConsumer = {
      columns: this.#embedding,
      run: (asked, read) => this.#judge(asked.length, read),
    };
    const { answers } = await this.#frozen.run(inputs, [
      { reader, rows: Int32Array.from(inputs.keys()) },
    ]);
    return answers[0]!;
  }
  /** A row of what {@link OutlierDetector.run} gives. */
  toOutlierScore(judged: Matrix64, row: number): OutlierScore {
    const [knnPValue, classPValue, isOutlier] = rowOf(judged, row);
    return { knnPValue: knnPValue!, classPValue: classPValue!, isOutlier: isOutlier === 1 };
  }

  /** Frees what the judge has loaded. */
  async release(): Promise<void> {
    await this.#frozen?.release();
  }

  async #judge(rows: number, features: Float32Array): Promise<Matrix64> {
    const embeddings = { rows, cols: totalWidth(this.#embedding), data: features };
    normalizeLength(embeddings);
    const judged = await scoreOutliers(this.#model, embeddings, this.#linearAlgebra);
    const data = judged.flatMap(({ knnPValue, classPValue, isOutlier }) => [
      knnPValue,
      classPValue,
      Number(isOutlier),
    ]);
    return { rows, cols: 3, data: Float64Array.from(data) };
  }
}
