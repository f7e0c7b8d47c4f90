import type { BaseModel, Dataset, Input, SingleLabelExample } from "@engraft/core";
import { createRandom, DataError } from "@engraft/core";
import { openMemoryCache } from "@engraft/core/internal";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  brokenImage,
  countingPlatform,
  imageBase,
  imageOf,
  textBase,
} from "../../../core/test/tiny-bases.js";
import { evaluateTask } from "../evaluate/evaluate.js";
import { type TrainConfigInput, trainConfigSchema } from "../format/manifest/config.js";
import type { TrainedTask } from "../predict/open-task.js";
import { Predictor } from "../predict/predictor.js";
import { type TrainTaskOptions, trainTask } from "./train.js";

function dataset(
  rows: readonly (readonly [input: Input, label: string])[],
  others: Partial<Record<"val" | "test", Dataset["splits"]["train"]>> = {},
): Dataset {
  const train = rows.map(([input, label], n) => example(input, label, `row ${n + 1}`));
  return {
    modality: rows[0]![0].kind,
    labels: [...new Set(rows.map(([, label]) => label))].sort(),
    splits: { train, ...others },
    skipped: [],
  };
}

function example(input: Input, label: string, source = "?"): SingleLabelExample {
  return { source, input, target: { kind: "single", label } };
}

/** Images of which the red tells the class; green and blue are noise. */
function images(labels: readonly string[], perLabel: number, seed = 1) {
  const random = createRandom(seed);
  return labels.flatMap((label, index) =>
    Array.from({ length: perLabel }, () => {
      const signal = Array.from({ length: 16 }, () => 20 + 80 * index + random.integer(60));
      const noise = Array.from({ length: 32 }, () => random.integer(250));
      return [imageOf(...signal, ...noise), label] as const;
    }),
  );
}

const sentences = [
  ["free money win", "free win money money", "win win free", "money for free", "win money"],
  ["tea walk rain", "rain and tea", "walk walk tea", "a walk in rain", "tea rain rain walk"],
] as const;

function texts(): (readonly [Input, string])[] {
  return sentences.flatMap((group, index) =>
    group.map((text) => [{ kind: "text", text }, index === 0 ? "spam" : "ham"] as const),
  );
}

function trainOn(
  data: Dataset,
  config: TrainConfigInput = {},
  options: Partial<TrainTaskOptions> = {},
): Promise<TrainedTask> {
  return trainTask(
    data.modality === "text" ? textBase : imageBase,
    data,
    trainConfigSchema.parse(config),
    countingPlatform(),
    { openCache: openMemoryCache, skipBad: false, version: "0.0.0", startedAt: 0, ...options },
  );
}

async function predict(task: TrainedTask, inputs: readonly Input[], base: BaseModel) {
  const predictor = await Predictor.open(task, base, countingPlatform());
  try {
    return await predictor.predict(inputs);
  } finally {
    await predictor.release();
  }
}

describe("a trained task", () => {
  it("classifies what it was trained for, and says so out of fold", async () => {
    const task = await trainOn(dataset(images(["a", "b", "c"], 12)));
    const unseen = images(["a", "b", "c"], 4, 2);
    const answers = await predict(
      task,
      unseen.map(([input]) => input),
      imageBase,
    );
    const right = answers.filter(
      (answer, row) => !(answer instanceof DataError) && answer.label === unseen[row]![1],
    );
    expect(right.length).toBeGreaterThanOrEqual(11);
    const { outOfFold } = task.manifest.evaluation;
    expect(outOfFold!.n).toBe(36);
    expect(outOfFold!.accuracy).toBeGreaterThan(0.85);
    expect(Object.keys(outOfFold!.baselines).sort()).toEqual(["colours", "last", "majority"]);
  });

  it("gives probabilities of every label that sum to one", async () => {
    const task = await trainOn(dataset(texts()));
    const inputs: Input[] = ["free tea", "", "rain", "\u0000"].map((text) => ({
      kind: "text",
      text,
    }));
    for (const answer of await predict(task, inputs, textBase)) {
      if (answer instanceof DataError) throw answer;
      const values = Object.values(answer.probabilities);
      expect(values.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(answer.probability).toBe(Math.max(...values));
      expect(answer.probabilities[answer.label]).toBe(answer.probability);
    }
  });

  it("is the same bytes for the same seed, and another for another", async () => {
    const data = dataset([...images(["a", "b"], 10), ...images(["b", "a"], 4, 9)]);
    const [first, second, other] = await Promise.all(
      [7, 7, 8].map((seed) => trainOn(data, { seed })),
    );
    expect(second!.files).toEqual(first!.files);
    expect({ ...second!.manifest, seconds: 0 }).toEqual({ ...first!.manifest, seconds: 0 });
    expect(other!.manifest.evaluation.outOfFold!).not.toEqual(
      first!.manifest.evaluation.outOfFold!,
    );
  });

  it("of the last view alone is one probe of weight 1 that reads one column", async () => {
    for (const rows of [texts(), images(["a", "b"], 6)]) {
      const { manifest } = await trainOn(dataset(rows), { views: "last" });
      expect(manifest.head.views).toMatchObject([{ name: "last", weight: 1 }]);
      expect(manifest.columns).toHaveLength(1);
    }
  });

  it("lists the columns of the views that have weight, and no others", async () => {
    const { manifest, files } = await trainOn(dataset(texts()));
    const weightOf = new Map(manifest.head.views.map(({ name, weight }) => [name, weight]));
    // The base of the tests has two layers: a view of the middle one would repeat the last.
    expect([...weightOf.keys()]).toEqual(["last", "layers-mean", "layers-mean-max", "words"]);
    const readsMax = manifest.columns.some(({ pooling }) => pooling === "max");
    expect(readsMax).toBe(weightOf.get("layers-mean-max")! > 0);
    expect(files.has("vocabulary.json")).toBe(weightOf.get("words")! > 0);
    expect(Object.keys(manifest.files).sort()).toEqual([...files.keys()].sort());
  });

  it("measures val and test with the head that is kept, beside the same baselines", async () => {
    const unseen = (seed: number, perLabel: number) =>
      images(["a", "b"], perLabel, seed).map(([input, label]) => example(input, label));
    const data = dataset(images(["a", "b"], 10), { val: unseen(3, 3), test: unseen(4, 5) });
    const task = await trainOn(data);
    const { outOfFold, val, test } = task.manifest.evaluation;
    expect([outOfFold!.n, val?.n, test?.n]).toEqual([20, 6, 10]);
    expect(Object.keys(val!.baselines)).toEqual(Object.keys(outOfFold!.baselines));
    const predictor = await Predictor.open(task, imageBase, countingPlatform());
    const again = await evaluateTask(predictor, task.manifest.labels, data.splits.test!);
    await predictor.release();
    expect(again.confusion).toEqual(test!.confusion);
    expect(again.logLoss).toBeCloseTo(test!.logLoss, 4);
  });
});

describe("labels", () => {
  const odd = ["__proto__", "constructor", "naïve ☃"];

  it("may be any text", async () => {
    const rows = images(odd, 8);
    const task = await trainOn(dataset(rows));
    expect(task.manifest.labels).toEqual([...odd].sort());
    const [answer] = await predict(task, [rows[0]![0]], imageBase);
    if (answer === undefined || answer instanceof DataError) throw new Error("not predicted");
    expect(Object.keys(answer.probabilities).sort()).toEqual([...odd].sort());
    expect(odd).toContain(answer.label);
    expect(task.manifest.evaluation.outOfFold!.perClass.map(({ label }) => label)).toEqual(
      [...odd].sort(),
    );
  });

  it("may have no more than two examples each", async () => {
    const { manifest } = await trainOn(dataset(images(["a", "b"], 2)));
    expect(manifest.evaluation.outOfFold!.n).toBe(4);
  });

  it("may be as rare as two among many", async () => {
    const rows = [...images(["a", "b"], 15), ...images(["rare"], 2, 5)];
    const { manifest } = await trainOn(dataset(rows));
    const rare = manifest.evaluation.outOfFold!.perClass.find(({ label }) => label === "rare");
    expect(rare?.support).toBe(2);
  });

  it("of one example are refused by name", async () => {
    const data = dataset([...images(["a", "b"], 4), [imageOf(1), "lonely"]]);
    await expect(trainOn(data)).rejects.toThrow(/too few have: lonely/);
    await expect(trainOn(data)).rejects.toMatchObject({ code: "data/too-few" });
  });

  it("of two near-duplicates each are too few to learn from and to measure", async () => {
    const [a, b] = images(["a", "b"], 1);
    const training = trainOn(dataset([a!, a!, b!, b!]));
    await expect(training).rejects.toMatchObject({ code: "data/too-few" });
    await expect(training).rejects.toThrow(/near-duplicates/);
  });

  test.prop([fc.nat(1000)], { numRuns: 5 })(
    "that have nothing to do with the images still give a task",
    async (seed) => {
      const random = createRandom(seed);
      const rows = images(["x"], 16, seed).map(
        ([input], n) => [input, (n + random.integer(2)) % 2 ? "a" : "b"] as const,
      );
      fc.pre(rows.filter(([, label]) => label === "a").length >= 2);
      fc.pre(rows.filter(([, label]) => label === "b").length >= 2);
      const task = await trainOn(dataset(rows), { seed });
      const [answer] = await predict(task, [rows[0]![0]], imageBase);
      if (answer === undefined || answer instanceof DataError) throw new Error("not predicted");
      expect(answer.probabilities.a! + answer.probabilities.b!).toBeCloseTo(1, 5);
    },
  );

  it("that contradict every layer give the odds of the labels, or equal ones", async () => {
    // Each image stands under both labels: no layer can tell them apart.
    const rows = images(["x"], 8).flatMap(([input]) => {
      return [
        [input, "a"],
        [input, "b"],
      ] as const;
    });
    const task = await trainOn(dataset(rows));
    const answers = await predict(
      task,
      rows.map(([input]) => input),
      imageBase,
    );
    for (const answer of answers) {
      if (answer instanceof DataError) throw answer;
      expect(answer.probabilities.a).toBeGreaterThan(0.2);
      expect(answer.probabilities.a).toBeLessThan(0.8);
    }
  });
});

it("balanced class weights raise the recall of the rare class", async () => {
  const random = createRandom(3);
  const noisy = (level: number) =>
    imageOf(...Array.from({ length: 48 }, (_, i) => random.integer(200) + (i < 16 ? level : 0)));
  const rows = [
    ...Array.from({ length: 60 }, () => [noisy(0), "common"] as const),
    ...Array.from({ length: 8 }, () => [noisy(50), "rare"] as const),
  ];
  const recall = async (classWeights: "none" | "balanced") => {
    const { manifest } = await trainOn(dataset(rows), { classWeights, views: "last" });
    return manifest.evaluation.outOfFold!.perClass[1]!.recall;
  };
  expect(await recall("balanced")).toBeGreaterThan(await recall("none"));
});

describe.each(["nearest-mean", "nearest-neighbours"] as const)("the head %s", (head) => {
  it("is trained, packed and predicts", async () => {
    const rows = images(["a", "b", "c"], 10);
    const task = await trainOn(dataset(rows), { head });
    expect(task.manifest.head.kind).toBe(head);
    const answers = await predict(
      task,
      rows.map(([input]) => input),
      imageBase,
    );
    const right = answers.filter(
      (answer, row) => !(answer instanceof DataError) && answer.label === rows[row]![1],
    );
    expect(right.length).toBeGreaterThan(20);
  });
});

describe("images that cannot be decoded", () => {
  const rows = images(["a", "b"], 6);
  const withBad = dataset([...rows.slice(0, 3), [brokenImage, "a"], ...rows.slice(3)]);

  it("stop the training and are listed by their source", async () => {
    const error = await trainOn(withBad).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: "data/unreadable", problems: [{ where: "row 4" }] });
    expect((error as DataError).message).toMatch(/row 4: .*option skipBad|option skipBad.*row 4:/s);
  });

  it("are left out and recorded on request", async () => {
    const { manifest } = await trainOn(withBad, {}, { skipBad: true });
    expect(manifest.dataset.examples).toBe(12);
    expect(manifest.dataset.skipped).toMatchObject([{ where: "row 4" }]);
  });

  it("may leave a label with too few examples", async () => {
    const data = dataset([...rows, [imageOf(9), "c"], [brokenImage, "c"]]);
    await expect(trainOn(data, {}, { skipBad: true })).rejects.toThrow(/too few have: c/);
  });

  it("have their error in place of a prediction", async () => {
    const task = await trainOn(dataset(rows));
    const answers = await predict(task, [rows[0]![0], brokenImage, rows[7]![0]], imageBase);
    expect(answers.map((answer) => answer instanceof DataError)).toEqual([false, true, false]);
  });
});

describe("evaluateTask", () => {
  const rows = images(["a", "b"], 8);
  const examples = [
    ...rows.map(([input, label], n) => example(input, label, `row ${n + 1}`)),
    example(rows[0]![0], "unheard of", "row 17"),
    example(brokenImage, "a", "row 18"),
  ];

  async function evaluate(given: readonly SingleLabelExample[], skipBad: boolean) {
    const task = await trainOn(dataset(rows));
    const predictor = await Predictor.open(task, imageBase, countingPlatform());
    try {
      return await evaluateTask(predictor, task.manifest.labels, given, { skipBad });
    } finally {
      await predictor.release();
    }
  }

  it("names an unknown label and the known ones", async () => {
    await expect(evaluate(examples, false)).rejects.toThrow(
      /row 17: unknown label "unheard of".*knows: a, b/s,
    );
  });

  it("names an image that cannot be decoded", async () => {
    await expect(evaluate([...examples.slice(0, 16), examples[17]!], false)).rejects.toThrow(
      /row 18/,
    );
  });

  it("goes on without both on request", async () => {
    const metrics = await evaluate(examples, true);
    expect(metrics.n).toBe(16);
    expect(metrics.confusion.flat().reduce((a, b) => a + b)).toBe(16);
  });

  it("has nothing to say about no examples", async () => {
    await expect(evaluate([], false)).rejects.toMatchObject({ code: "data/empty" });
  });
});
