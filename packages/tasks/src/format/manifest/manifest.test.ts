import type { Dataset } from "@engraft/core";
import { IntegrityError } from "@engraft/core";
import { openMemoryCache } from "@engraft/core/internal";
import { beforeAll, describe, expect, it } from "vitest";
import { countingPlatform, imageBase, imageOf } from "../../../../core/test/tiny-bases.js";
import { trainTask } from "../../train/train.js";
import { trainConfigSchema } from "./config.js";
import type { TaskManifest } from "./manifest.js";
import { parseManifest } from "./parse-manifest.js";

let manifest: TaskManifest;

beforeAll(async () => {
  const dataset: Dataset = {
    modality: "image",
    labels: ["dark", "light"],
    splits: {
      train: Array.from({ length: 12 }, (_, n) => ({
        source: `${n}.png`,
        input: imageOf(
          ...Array.from({ length: 48 }, (_, i) => ((n * 97 + i * i * 31) % 200) + 50 * (n % 2)),
        ),
        target: { kind: "single", label: n % 2 ? "light" : "dark" },
      })),
    },
    skipped: [{ where: "x.png", what: "is an empty file" }],
  };
  const options = { openCache: openMemoryCache, skipBad: true, version: "0.0.0", startedAt: 0 };
  const config = trainConfigSchema.parse({});
  const task = await trainTask(imageBase, dataset, config, countingPlatform(), options);
  ({ manifest } = task);
});

const parse = (value: unknown) => parseManifest(Buffer.from(JSON.stringify(value)));

function refusal(action: () => unknown): IntegrityError {
  try {
    action();
  } catch (error) {
    if (error instanceof IntegrityError) return error;
    throw error;
  }
  throw new Error("not refused");
}

describe("parseManifest", () => {
  it("reads what training writes", () => {
    expect(parse(manifest)).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect(manifest.dataset.skipped).toEqual([{ where: "x.png", what: "is an empty file" }]);
    expect(manifest.dataset.perLabel).toEqual([
      { label: "dark", examples: 6 },
      { label: "light", examples: 6 },
    ]);
    expect(manifest.createdAt).toBe("1970-01-01T00:00:00.000Z");
  });

  it("refuses a task of another version, and says which", () => {
    const error = refusal(() => parse({ ...manifest, schemaVersion: 2 }));
    expect(error).toMatchObject({ code: "task/version", file: "task.json" });
    expect(error.message).toMatch(/version 2.*reads version 1/);
  });

  it.each<[string, Partial<Record<keyof TaskManifest, unknown>>]>([
    ["labels", { labels: ["one"] }],
    ["columns.0.width", { columns: [{ tap: "a", pooling: "mean", width: 0 }] }],
    ["modality", { modality: "sound" }],
    ["schemaVersion", { schemaVersion: undefined }],
  ])("names the field that is wrong: %s", (field, change) => {
    const error = refusal(() => parse({ ...manifest, ...change }));
    expect(error).toMatchObject({ code: "task/invalid", file: "task.json" });
    expect(error.message).toContain(`at ${field}`);
  });

  it.each(["", "{", "null", "[]", '"task"', "\u0000"])("refuses %j", (text) => {
    expect(refusal(() => parseManifest(Buffer.from(text))).code).toBe("task/invalid");
  });
});
