import type { Dataset, Input } from "@engraft/core";
import { createRandom, DataError, UsageError } from "@engraft/core";
import { openMemoryCache } from "@engraft/core/internal";
import { describe, expect, it } from "vitest";
import { countingPlatform, imageBase, imageOf, textBase } from "../../../core/test/tiny-bases.js";
import { parseRecord } from "../format/files/record.js";
import { type TrainConfigInput, trainConfigSchema } from "../format/manifest/config.js";
import type { TrainedTask } from "../predict/open-task.js";
import { trainTask } from "../train/train.js";
import { type ExtendTaskOptions, extendTask } from "./extend.js";

type Row = readonly [input: Input, label: string];

function dataset(rows: readonly Row[], from = "old", test?: readonly Row[]): Dataset {
  const examplesOf = (those: readonly Row[], name: string) =>
    those.map(([input, label], n) => ({
      source: `${name}:${n + 1}`,
      input,
      target: { kind: "single" as const, label },
    }));
  return {
    modality: rows[0]![0].kind,
    labels: [...new Set(rows.map(([, label]) => label))].sort(),
    splits: {
      train: examplesOf(rows, from),
      ...(test && { test: examplesOf(test, "test") }),
    },
    skipped: [],
  };
}

/** Images of which the red tells the class; green and blue are noise. */
function images(labels: readonly string[], perLabel: number, seed = 1): Row[] {
  const random = createRandom(seed);
  return labels.flatMap((label) =>
    Array.from({ length: perLabel }, (): Row => {
      const red = 20 + 70 * (label.charCodeAt(0) - "a".charCodeAt(0));
      const signal = Array.from({ length: 16 }, () => red + random.integer(60));
      return [imageOf(...signal, ...Array.from({ length: 32 }, () => random.integer(250))), label];
    }),
  );
}

/** The same around ten patterns a class: near-duplicates are those of one pattern. */
function clusters(labels: readonly string[], perLabel: number, seed: number): Row[] {
  const random = createRandom(seed);
  return labels.flatMap((label, at) =>
    Array.from({ length: perLabel }, (_, n): Row => {
      const pattern = createRandom(100 + 10 * at + (n % 10));
      const values = Array.from({ length: 48 }, (_, value) =>
        Math.round((value < 16 ? 60 * at : 0) + pattern.integer(120) + random.integer(3)),
      );
      return [imageOf(...values), label];
    }),
  );
}

const text = (words: string, label: string): Row => [{ kind: "text", text: words }, label];
const texts: readonly Row[] = [
  ...["free money win", "free win money money", "win win free", "money for free", "win money"].map(
    (words) => text(words, "spam"),
  ),
  ...["tea walk rain", "rain and tea", "walk walk tea", "a walk in rain", "tea rain rain"].map(
    (words) => text(words, "ham"),
  ),
];

/** A cache that outlives its opening, as one on disk does. */
function sharedCache(): ExtendTaskOptions["openCache"] {
  const opened = new Map<string, ReturnType<typeof openMemoryCache>>();
  return (set, width) => {
    const cache = opened.get(set) ?? openMemoryCache(set, width);
    opened.set(set, cache);
    return cache;
  };
}

function makeWorkshop(config: TrainConfigInput = { views: "last" }) {
  const platform = countingPlatform();
  const openCache = sharedCache();
  const options = { openCache, skipBad: false, version: "0.0.0", startedAt: 0 };
  const baseOf = ({ modality }: Pick<Dataset, "modality">) =>
    modality === "text" ? textBase : imageBase;
  return {
    platform,
    train: (data: Dataset) =>
      trainTask(baseOf(data), data, trainConfigSchema.parse(config), platform, options),
    extend: (task: TrainedTask, more: Dataset, changes: Partial<ExtendTaskOptions> = {}) =>
      extendTask(task, parseRecord(task.files)!, baseOf(task.manifest), more, platform, {
        ...options,
        search: false,
        readImage: () => Promise.reject(new DataError("data/unreadable", "it is gone")),
        ...changes,
      }),
  };
}

/** All that a training decides: everything but the time that it took. */
const essence = ({ manifest, files }: TrainedTask) => [{ ...manifest, seconds: 0 }, files];

describe("a task that is trained anew with more examples", () => {
  it("is the one that training on all of them gives, new class included", async () => {
    const [old, more] = [images(["a", "b"], 8), images(["a", "c"], 6, 2)];
    const workshop = makeWorkshop({});
    const extended = await workshop.extend(
      await workshop.train(dataset(old)),
      dataset(more, "new"),
    );
    expect(extended).toMatchObject({ added: 12, repeated: 0, relabelled: [], newLabels: ["c"] });
    const joined = [...dataset(old).splits.train, ...dataset(more, "new").splits.train];
    const whole = await workshop.train({
      ...dataset([...old, ...more]),
      splits: { train: joined },
    });
    expect(essence(extended.task)).toEqual(essence(whole));
  });

  it("passes none of the old examples through the base", async () => {
    const workshop = makeWorkshop();
    const task = await workshop.train(dataset(images(["a", "b"], 8)));
    const { decoded } = workshop.platform;
    await workshop.extend(task, dataset(images(["a", "b"], 3, 2)));
    expect(workshop.platform.decoded - decoded).toBe(6);
  });

  it("can be extended by examples of a single class, and is measured on another split", async () => {
    const workshop = makeWorkshop();
    const task = await workshop.train(dataset(images(["a", "b"], 8)));
    const more = dataset(images(["b"], 2, 2), "new", images(["a", "b"], 5, 3));
    const { manifest } = (await workshop.extend(task, more)).task;
    expect(manifest.dataset.examples).toBe(18);
    expect(manifest.evaluation.test?.n).toBe(10);
  });

  it("refuses a new class of one example", async () => {
    const workshop = makeWorkshop();
    const task = await workshop.train(dataset(texts));
    const more = dataset([text("rain money", "both")]);
    await expect(workshop.extend(task, more)).rejects.toThrow(/2 training examples.*both/);
  });
});

describe("examples that a task has already", () => {
  it("are not added again", async () => {
    const workshop = makeWorkshop();
    const task = await workshop.train(dataset(texts));
    const extended = await workshop.extend(task, dataset([...texts.slice(0, 3), ...texts], "new"));
    expect(extended).toMatchObject({ added: 0, repeated: 13, relabelled: [] });
    expect(extended.task.manifest.dataset).toEqual(task.manifest.dataset);
  });

  it("get the new label, which may be the end of an old one", async () => {
    const workshop = makeWorkshop();
    const three = [...texts, text("rain money", "both"), text("money rain tea", "both")];
    const task = await workshop.train(dataset(three));
    const more = dataset([text("rain money", "ham"), text("money rain tea", "spam")], "new");
    const extended = await workshop.extend(task, more);
    expect(extended.relabelled).toEqual([
      { source: "old:11", was: "both", label: "ham" },
      { source: "old:12", was: "both", label: "spam" },
    ]);
    expect(extended).toMatchObject({ added: 0, repeated: 0 });
    expect(extended.task.manifest.labels).toEqual(["ham", "spam"]);
    const labels = parseRecord(extended.task.files)!.examples.map(({ label }) => label);
    expect(labels.slice(-2)).toEqual(["ham", "spam"]);
  });

  it("stop the work where the new data contradicts itself, or are left out on request", async () => {
    const workshop = makeWorkshop();
    const task = await workshop.train(dataset(texts));
    const contradicted = [
      text("win walk", "ham"),
      text("tea tea", "ham"),
      text("win walk", "spam"),
    ];
    await expect(workshop.extend(task, dataset(contradicted, "new"))).rejects.toThrow(
      /contradict(.|\n)*new:1: has the label "ham"(.|\n)*new:3: has the label "spam"/,
    );
    const extended = await workshop.extend(task, dataset(contradicted, "new"), { skipBad: true });
    expect(extended.added).toBe(1);
    const { skipped } = extended.task.manifest.dataset;
    expect(skipped.map(({ where }) => where)).toEqual(["new:1", "new:3"]);
  });
});

describe("layers that the cache has lost", () => {
  it("are read again from texts that the task keeps", async () => {
    const workshop = makeWorkshop();
    const task = await workshop.train(dataset(texts));
    const more = dataset([text("rain money", "spam")], "new");
    const [lost, kept] = [
      await workshop.extend(task, more, { openCache: openMemoryCache }),
      await workshop.extend(task, more),
    ];
    expect(essence(lost.task)).toEqual(essence(kept.task));
  });

  it("are read again from images that are found", async () => {
    const old = images(["a", "b"], 4);
    const workshop = makeWorkshop();
    const task = await workshop.train(dataset(old));
    const asked: string[] = [];
    const { task: extended } = await workshop.extend(task, dataset(images(["a"], 1, 2), "new"), {
      openCache: openMemoryCache,
      readImage: ({ source }) => {
        asked.push(source);
        const [input] = old[Number(source.split(":")[1]) - 1]!;
        return (input as Input & { kind: "image" }).read();
      },
    });
    expect(asked.toSorted()).toEqual(old.map((_, n) => `old:${n + 1}`).toSorted());
    expect(extended.manifest.dataset.examples).toBe(9);
  });

  it.each([false, true])("of images that are gone stop the work (skipBad: %s)", async (skipBad) => {
    const workshop = makeWorkshop();
    const task = await workshop.train(dataset(images(["a", "b"], 4)));
    const more = dataset(images(["a"], 1, 2), "new");
    const extending = workshop.extend(task, more, { openCache: openMemoryCache, skipBad });
    await expect(extending).rejects.toMatchObject({
      code: "data/unreadable",
      message: expect.stringMatching(/8 images.*oldData(.|\n)*old:1: it is gone/),
      problems: expect.objectContaining({ length: 8 }),
    });
  });
});

it("a task that has learned from descriptions keeps what they were worth with its settings", async () => {
  const random = createRandom(6);
  const words = ["free", "money", "win", "tea", "walk", "rain"];
  const drawn = new Map<string, string>();
  while (drawn.size < 510) {
    const start = 3 * (drawn.size % 2);
    const others = Array.from({ length: 9 }, () => words[(start + random.integer(5)) % 6]!);
    drawn.set(others.join(" "), start === 0 ? "spam" : "ham");
  }
  const rows = [...drawn];
  const workshop = makeWorkshop({
    descriptions: { spam: "free money win", ham: "tea walk rain" },
  });
  const task = await workshop.train(dataset(rows.map(([words, label]) => text(words, label))));
  const corrected = [text(rows[0]![0], "ham"), text(rows[1]![0], "spam")];
  const extended = await workshop.extend(task, dataset(corrected, "new"));
  expect(extended).toMatchObject({ added: 0, searched: undefined });
  expect(task.manifest.names).toMatchObject({ described: true });
  expect(extended.task.manifest.names).toEqual(task.manifest.names);
  const [before, after] = [task, extended.task].map(({ manifest }) =>
    manifest.head.views.flatMap(({ name, weight, c }) => (weight > 0 ? [{ name, weight, c }] : [])),
  );
  expect(before!.map(({ name }) => name)).toContain("names");
  expect(after).toEqual(before);
});

it("a task whose base was fine-tuned is not extended", async () => {
  const workshop = makeWorkshop();
  const task = await workshop.train(dataset(texts));
  const fineTuning = { kept: true } as NonNullable<TrainedTask["manifest"]["fineTuning"]>;
  const tuned = { ...task, manifest: { ...task.manifest, fineTuning } };
  const extending = workshop.extend(tuned, dataset([text("rain money", "spam")]));
  await expect(extending).rejects.toThrow(UsageError);
});

describe("a task of many examples that grows by a few", () => {
  const old = clusters(["a", "b", "c"], 170, 1);
  const few = clusters(["a", "b", "c"], 5, 2);
  const workshop = makeWorkshop();
  const trained = workshop.train(dataset(old));

  it("keeps what was chosen, and is measured on the examples of every fold", async () => {
    const task = await trained;
    const extended = await workshop.extend(task, dataset(few, "new"));
    expect(extended).toMatchObject({ added: 15, searched: undefined });
    const { manifest } = extended.task;
    expect(manifest.head).toEqual(task.manifest.head);
    expect(manifest.evaluation.method).toMatch(/^5-fold.*as chosen on 510 examples/);
    expect(manifest.evaluation.outOfFold!.n).toBe(525);
    expect(Object.keys(manifest.evaluation.outOfFold!.baselines)).toEqual(
      Object.keys(task.manifest.evaluation.outOfFold!.baselines),
    );
    const [before, after] = [task, extended.task].map(({ files }) => parseRecord(files)!);
    expect(after!.measurement).toMatchObject({ chosenOn: 510, changedSince: 15 });
    expect(after!.measurement!.folds.slice(0, 510)).toEqual(before!.measurement!.folds);
    const whole = await workshop.train(dataset([...old, ...few]));
    const difference =
      manifest.evaluation.outOfFold!.accuracy - whole.manifest.evaluation.outOfFold!.accuracy;
    // Measured on other folds of some thirty patterns.
    expect(Math.abs(difference)).toBeLessThan(0.1);
  });

  it("is the same bytes for the same examples", async () => {
    const task = await trained;
    const [one, other] = [
      await workshop.extend(task, dataset(few, "new")),
      await workshop.extend(task, dataset(few, "new")),
    ];
    expect(essence(one.task)).toEqual(essence(other.task));
  });

  it("is searched again when it has grown enough, also by and by, or when that is asked for", async () => {
    const task = await trained;
    const more = (seed: number) => dataset(clusters(["a", "b", "c"], 10, seed), `new ${seed}`);
    const first = await workshop.extend(task, more(2));
    expect(first.searched).toBeUndefined();
    const second = await workshop.extend(first.task, more(3));
    expect(second.searched).toBe("growth");
    expect(parseRecord(second.task.files)!.measurement).toMatchObject({
      chosenOn: 570,
      changedSince: 0,
    });
    expect((await workshop.extend(task, more(2), { search: true })).searched).toBe("asked");
  });

  it("is measured by the one split of large data, and starts where fits ended", async () => {
    // 650 examples of 200 classes: both the whole and its four fifths are large.
    const random = createRandom(4);
    const many = Array.from({ length: 660 }, (_, n): Row => {
      const label = String(n % 200).padStart(3, "0");
      const code = [n % 6, Math.floor(n / 6) % 6, Math.floor((n % 200) / 36)];
      const values = code.flatMap((part) =>
        Array.from({ length: 16 }, () => 40 * part + random.integer(20)),
      );
      return [imageOf(...values), label];
    });
    const task = await workshop.train(dataset(many.slice(0, 650)));
    const { task: extended, searched } = await workshop.extend(
      task,
      dataset(many.slice(650), "new"),
    );
    expect(searched).toBeUndefined();
    expect(extended.manifest.evaluation.method).toMatch(/^one split, trained on/);
    const [before, after] = [task, extended].map(({ files }) => parseRecord(files)!);
    const tested = new Set(after!.outOfFold.rows);
    expect([...before!.outOfFold.rows].every((row) => tested.has(row))).toBe(true);
    const [then, now] = [task, extended].map(({ manifest }) => manifest.evaluation.outOfFold);
    expect(Math.abs(now!.accuracy - then!.accuracy)).toBeLessThan(0.1);
  });
});
