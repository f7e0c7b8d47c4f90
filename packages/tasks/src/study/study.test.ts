import type { Dataset, Input, Progress } from "@engraft/core";
import { createRandom, DataError } from "@engraft/core";
import type { ClassifierKind } from "@engraft/core/internal";
import { openMemoryCache } from "@engraft/core/internal";
import { describe, expect, it } from "vitest";
import { countingPlatform, imageBase, imageOf } from "../../../core/test/tiny-bases.js";
import { restoreFeatures } from "../extend/restore-features.js";
import { parseRecord, type TaskRecord } from "../format/files/record.js";
import { trainConfigSchema } from "../format/manifest/config.js";
import { trainTask } from "../train/train.js";
import { studyTask } from "./study.js";

const LABELS = ["dark", "red"];

/** Images of which the red tells the class, more or less; green and blue are noise. */
function images(rows: number): Input[] {
  const random = createRandom(3);
  return Array.from({ length: rows }, (_, row) => {
    const signal = Array.from({ length: 16 }, () => 60 * (row % 2) + random.integer(190));
    const noise = Array.from({ length: 32 }, () => random.integer(250));
    return imageOf(...signal, ...noise);
  });
}

const pass = { openCache: openMemoryCache, skipBad: false };

async function trained(inputs: readonly Input[], head: ClassifierKind = "logistic") {
  const train = inputs.map((input, row) => ({
    source: `row ${row}`,
    input,
    target: { kind: "single", label: LABELS[row % 2]! } as const,
  }));
  const data: Dataset = { modality: "image", labels: LABELS, splits: { train }, skipped: [] };
  const config = trainConfigSchema.parse({ head });
  const options = { ...pass, version: "0.0.0", startedAt: 0 };
  const task = await trainTask(imageBase, data, config, countingPlatform(), options);
  return { manifest: task.manifest, record: parseRecord(task.files)! };
}

/** Finds the images of a record by their sources. */
function finder(inputs: readonly Input[], lost: ReadonlySet<number> = new Set()) {
  return ({ source }: TaskRecord["examples"][number]): Promise<Uint8Array> => {
    const row = Number(source.slice(4));
    const input = inputs[row]!;
    if (lost.has(row) || input.kind !== "image") {
      return Promise.reject(new DataError("data/unreadable", "lost"));
    }
    return input.read();
  };
}

async function studied(rows: number, head?: ClassifierKind) {
  const inputs = images(rows);
  const { manifest, record } = await trained(inputs, head);
  const platform = countingPlatform();
  const { spec } = imageBase;
  const { examples } = await restoreFeatures(
    record,
    manifest,
    imageBase,
    finder(inputs),
    platform,
    pass,
  );
  const told: Progress[] = [];
  const onProgress = (progress: Progress) => told.push(progress);
  const study = await studyTask(examples, spec, manifest, platform, { onProgress });
  return { study, told, manifest, examples, platform };
}

describe("layers that are read again", () => {
  it("leave out what cannot be found", async () => {
    const inputs = images(24);
    const { manifest, record } = await trained(inputs);
    const read = finder(inputs, new Set([3, 7]));
    const restored = await restoreFeatures(
      record,
      manifest,
      imageBase,
      read,
      countingPlatform(),
      pass,
    );
    expect(restored.rows).toHaveLength(22);
    expect([...restored.rows]).not.toContain(3);
    expect(restored.examples.targets).toEqual(restored.rows.map((row) => row % 2));
    expect(restored.examples.table.matrix.rows).toBe(22);
  });
});

describe("the study of a task", () => {
  it("measures a learning curve and every layer, and says how far it is", async () => {
    const { study, told, manifest, examples, platform } = await studied(96);
    const { points } = study.learningCurve!;
    expect(points.length).toBeGreaterThan(5);
    expect(points[0]!.error).toBeGreaterThan(points.at(-1)!.error);
    expect(study.layers.map(({ name }) => name)).toEqual(["block.1", "block.2", "features"]);
    for (const { metrics } of study.layers) expect(metrics.n).toBe(96);
    expect(study.examples).toBe(96);
    expect(told.map(({ done }) => done)).toEqual([...told.keys()]);
    expect(told.at(-1)).toEqual({
      phase: "measure",
      done: points.length + 3,
      total: points.length + 3,
    });
    const again = await studyTask(examples, imageBase.spec, manifest, platform, {});
    expect(again).toEqual(study);
  });

  it.for<ClassifierKind>(["nearest-mean", "nearest-neighbours"])(
    "takes heads of the kind %s",
    async (kind) => {
      const { study } = await studied(64, kind);
      expect(study.learners).toEqual([kind]);
      expect(study.learningCurve!.points.at(-1)!.error).toBeLessThan(0.5);
    },
  );

  it("has no learning curve where there are too few examples", async () => {
    const { study } = await studied(8);
    expect(study.learningCurve).toBeUndefined();
    expect(study.layers).toHaveLength(3);
  });

  it("chooses its settings anew where the task's are those of a tuned base", async () => {
    const { manifest, examples, platform } = await studied(64);
    const outOfFold = manifest.evaluation.outOfFold!;
    const fineTuning = {
      config: { train: "all" } as never,
      kept: true,
      gain: 0.1,
      standardError: 0.01,
      frozen: outOfFold,
      tuned: outOfFold,
    };
    const views = [{ name: "last", weight: 1, c: 1e-9 }];
    const tuned = { ...manifest, fineTuning, head: { ...manifest.head, views } };
    const study = await studyTask(examples, imageBase.spec, tuned, platform, {});
    expect(study.learningCurve!.points.at(-1)!.error).toBeLessThan(0.5);
  });

  it("stops when it is told to", async () => {
    const { manifest, examples, platform } = await studied(64);
    const signal = AbortSignal.abort(new Error("stopped"));
    const { spec } = imageBase;
    await expect(studyTask(examples, spec, manifest, platform, { signal })).rejects.toThrow(
      "stopped",
    );
  });
});
