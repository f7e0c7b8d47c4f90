import type { Input } from "@engraft/core";
import { ADAPTER_FILE, openMemoryCache } from "@engraft/core/internal";
import { beforeAll, describe, expect, it } from "vitest";
import { countingPlatform, textBase } from "../../../core/test/tiny-bases.js";
import { parseRecord } from "../format/files/record.js";
import { trainConfigSchema } from "../format/manifest/config.js";
import { trainTask } from "../train/train.js";
import type { TrainedTask } from "./open-task.js";
import { OutlierDetector } from "./outlier-detector.js";
import { Predictor } from "./predictor.js";
import type { Prediction } from "./task-head.js";

const known = [
  ["free money win", "free win money", "win free money", "money for free", "win money free"],
  ["tea walk rain", "rain and tea", "walk and tea", "a walk in rain", "tea and rain walk"],
];

const text = (content: string): Input => ({ kind: "text", text: content });

let task: TrainedTask;

beforeAll(async () => {
  const labels = ["ham", "spam"];
  const train = known.flatMap((group, index) =>
    group.map((content, row) => ({
      source: `${labels[index]}:${row}`,
      input: text(content),
      target: { kind: "single" as const, label: labels[index]! },
    })),
  );
  task = await trainTask(
    textBase,
    { modality: "text", labels, splits: { train }, skipped: [] },
    trainConfigSchema.parse({}),
    countingPlatform(),
    { openCache: openMemoryCache, skipBad: false, version: "0.0.0", startedAt: 0 },
  );
});

async function judged(manifest: TrainedTask["manifest"], inputs: readonly Input[]) {
  const platform = countingPlatform();
  const judge = await OutlierDetector.open(manifest, parseRecord(task.files)!, textBase, platform);
  const predictor = await Predictor.open(task, textBase, platform, judge);
  const predictions = await predictor.predict(inputs);
  await predictor.release();
  return { predictions, runs: platform.runs };
}

describe("outliers", () => {
  const inputs = [...known.flat(), "zzz"].map(text);

  it("are told beside a prediction that stays as it is", async () => {
    const { predictions } = await judged(task.manifest, inputs);
    const predictor = await Predictor.open(task, textBase, countingPlatform());
    const plain = await predictor.predict(inputs);
    await predictor.release();
    for (const [row, prediction] of predictions.entries()) {
      const { outlier, ...rest } = prediction as Prediction;
      expect(rest).toEqual(plain[row]);
      expect(outlier).toEqual({
        knnPValue: expect.any(Number),
        classPValue: expect.any(Number),
        isOutlier: expect.any(Boolean),
      });
    }
    expect(predictions.slice(0, 10)).not.toContainEqual(
      expect.objectContaining({ outlier: expect.objectContaining({ isOutlier: true }) }),
    );
  });

  it("of a tuned base are told by the frozen one", async () => {
    const { manifest } = task;
    const adapter = { [ADAPTER_FILE]: { sha256: "0".repeat(64), bytes: 1 } };
    const tuned = await judged({ ...manifest, files: { ...manifest.files, ...adapter } }, inputs);
    const frozen = await judged(manifest, inputs);
    expect(tuned.predictions).toEqual(frozen.predictions);
    expect(tuned.runs).toBeGreaterThan(frozen.runs);
  });
});
