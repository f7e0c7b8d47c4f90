import type { BaseModel, Dataset, Input } from "@engraft/core";
import { createRandom } from "@engraft/core";
import type { FeatureColumn } from "@engraft/core/internal";
import { openMemoryCache, stackedHeadModel, totalWidth } from "@engraft/core/internal";
import { countingPlatform } from "../../core/test/tiny-bases.js";
import { trainConfigSchema } from "../src/format/manifest/config.js";
import type { TaskManifest } from "../src/format/manifest/manifest.js";
import type { TaskParts } from "../src/predict/task-head.js";
import { trainTask } from "../src/train/train.js";

/** Random values of a fixed seed. */
export function draw(length: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length }, () => random.normal());
}

/** A manifest that is right but for what a head reads. */
export async function trainManifest(
  base: BaseModel,
  inputs: readonly Input[],
): Promise<TaskManifest> {
  const train = inputs.map((input, row) => ({
    source: `row ${row + 1}`,
    input,
    target: { kind: "single" as const, label: row % 2 === 0 ? "a" : "b" },
  }));
  const { modality } = base.spec;
  const data: Dataset = { modality, labels: ["a", "b"], splits: { train }, skipped: [] };
  const config = trainConfigSchema.parse({ views: "last" });
  const { manifest } = await trainTask(base, data, config, countingPlatform(), {
    openCache: openMemoryCache,
    skipBad: false,
    version: "0.0.0",
    startedAt: 0,
  });
  return manifest;
}

/** A head of random weights on some columns. */
export function randomHead(
  manifest: TaskManifest,
  columns: readonly FeatureColumn[],
  seed: number,
): TaskParts {
  const linear = { weights: draw(2 * totalWidth(columns), seed), bias: draw(2, seed + 1) };
  const view = {
    recipe: { kind: "layers", name: "all", columns, normalize: "length", classifier: "logistic" },
    tfidf: undefined,
    classifier: { kind: "logistic", linear, c: 1 },
  } as const;
  return {
    manifest: { ...manifest, columns },
    head: stackedHeadModel({ views: [view], weights: [1] }, columns, 2),
    tfidf: undefined,
  };
}
