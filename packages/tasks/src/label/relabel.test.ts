import type { Dataset, Input, Progress } from "@engraft/core";
import { createRandom } from "@engraft/core";
import { openMemoryCache } from "@engraft/core/internal";
import { describe, expect, it } from "vitest";
import { countingPlatform, imageBase, imageOf } from "../../../core/test/tiny-bases.js";
import { trainConfigSchema } from "../format/manifest/config.js";
import { trainTask } from "../train/train.js";
import { type LabelReview, reviewLabels } from "./relabel.js";

const LABELS = ["dark", "red"];
const ROWS = 48;

/** Images of which the red tells the class; green and blue are noise. */
function images(): Input[] {
  const random = createRandom(3);
  return Array.from({ length: ROWS }, (_, row) => {
    const signal = Array.from({ length: 16 }, () => 20 + 150 * (row % 2) + random.integer(40));
    const noise = Array.from({ length: 32 }, () => random.integer(250));
    return imageOf(...signal, ...noise);
  });
}

/** Those images; some have another label. */
function dataset(wrong: ReadonlyMap<number, string>): Dataset {
  const train = images().map((input, row) => ({
    source: `row ${row}`,
    input,
    target: { kind: "single", label: wrong.get(row) ?? LABELS[row % 2]! } as const,
  }));
  return { modality: "image", labels: [...LABELS].sort(), splits: { train }, skipped: [] };
}

const pass = { openCache: openMemoryCache, skipBad: false };

async function trainOn(data: Dataset) {
  const config = trainConfigSchema.parse({});
  const options = { ...pass, version: "0.0.0", startedAt: 0 };
  return (await trainTask(imageBase, data, config, countingPlatform(), options)).manifest;
}

function sourcesOf({ suspects }: LabelReview): string[] {
  return suspects.map(({ source }) => source);
}

describe("a review of labels", () => {
  const wrong = new Map([
    [4, "red"],
    [17, "dark"],
    [32, "red"],
  ]);

  it("finds what is wrong, the worst first, and says what would be right", async () => {
    const data = dataset(wrong);
    const platform = countingPlatform();
    const review = await reviewLabels(await trainOn(data), imageBase, data, platform, pass);
    expect(review).toMatchObject({ labels: data.labels, examples: ROWS });
    expect(sourcesOf(review).slice(0, 3).sort()).toEqual(["row 17", "row 32", "row 4"]);
    for (const suspect of review.suspects.slice(0, 3)) {
      const row = Number(suspect.source.slice(4));
      expect(suspect.given).toBe(wrong.get(row));
      expect(suspect.suggested).toBe(LABELS[row % 2]);
      expect(suspect.input).toBe(data.splits.train[row]!.input);
    }
  });

  it("judges the training examples alone, reading each once and fitting once a fold", async () => {
    const data = dataset(wrong);
    const manifest = await trainOn(data);
    const test = data.splits.train.slice(0, 5);
    const platform = countingPlatform();
    const seen: Progress[] = [];
    const review = await reviewLabels(
      manifest,
      imageBase,
      { ...data, splits: { ...data.splits, test } },
      platform,
      { ...pass, onProgress: (progress) => seen.push(progress) },
    );
    expect(review.examples).toBe(ROWS);
    expect(platform.decoded).toBe(ROWS);
    const folds = seen.filter(({ phase }) => phase === "evaluate");
    expect(folds.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4]);
  });

  it("stops when it is told to", async () => {
    const data = dataset(wrong);
    const manifest = await trainOn(data);
    const controller = new AbortController();
    const review = reviewLabels(manifest, imageBase, data, countingPlatform(), {
      ...pass,
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === "evaluate") controller.abort();
      },
    });
    await expect(review).rejects.toThrow("abort");
  });
});
