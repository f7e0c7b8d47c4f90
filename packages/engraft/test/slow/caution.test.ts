import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadTask, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { engraftHere, mails, toCsv, writeFiles, writeMails } from "../support.js";

let csv: string;
let task: string;
let lastLayer: string;

beforeAll(async () => {
  const folder = await writeMails();
  csv = join(folder, "mails.csv");
  task = join(folder, "mails.engraft");
  lastLayer = join(folder, "last.engraft");
  await (await train(csv, { output: task })).close();
  await (await train(csv, { output: lastLayer, views: "last" })).close();
});

describe("a selective prediction", () => {
  it("says whether it is sure enough, and which labels are possible", async () => {
    const { code, stdout } = await engraftHere([
      "predict",
      task,
      "--json",
      "--max-error-rate",
      "0.2",
      "--confidence",
      "0.8",
      "free money prize",
    ]);
    expect(code).toBe(0);
    const { accepted, predictionSet, label } = JSON.parse(stdout);
    expect(accepted).toBe(true);
    expect(predictionSet[0]).toBe(label);
  });

  it("is marked as unsure where it may not be given", async () => {
    const loaded = await loadTask(task);
    try {
      const { trust, evaluation } = loaded.manifest;
      expect(evaluation.outOfFold!.calibrationError).toBeLessThan(0.5);
      const { threshold } = trust!.abstaining.at(-1)!;
      const texts = ["tea", "free money prize", "well", "the report of the meeting"];
      const predictions = await loaded.predict(texts, { maxErrorRate: 0.2 });
      for (const { probability, accepted } of predictions) {
        expect(accepted).toBe(probability >= threshold);
      }
    } finally {
      await loaded.close();
    }
  });

  it("cannot be had beyond what was measured", async () => {
    const strict = await engraftHere(["predict", task, "--max-error-rate", "0.001", "x"]);
    expect(strict).toMatchObject({ code: 2, stdout: "" });
    expect(strict.stderr).toMatch(/cannot promise/);
    const odd = await engraftHere(["predict", task, "--max-error-rate", "2", "x"]);
    expect(odd.code).toBe(2);
    expect(odd.stderr).toMatch(/between 0 and 1/);
  });
});

describe("compare", () => {
  it("prints the difference in pairs, with an interval and a p-value", async () => {
    const { code, stdout } = await engraftHere(["compare", task, lastLayer, csv, "--json"]);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout);
    expect(printed).toMatchObject({ n: mails.length });
    expect(printed.accuracy[1] - printed.accuracy[0]).toBeCloseTo(printed.difference, 12);
    const table = await engraftHere(["compare", task, task, csv]);
    expect(table.stdout).toMatch(/Difference on 24 examples: 0\.0 points.*p = 1\.000/);
    expect(table.stdout).toMatch(/do not tell/);
  });

  it("counts a label that a task does not know as wrong", async () => {
    const files = { "test.csv": toCsv([["free money", "other"]]) };
    const data = join(await writeFiles(files), "test.csv");
    const { code, stdout } = await engraftHere(["compare", task, lastLayer, data, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ n: 1, accuracy: [0, 0], pValue: 1 });
  });

  it("refuses data and tasks that are not there", async () => {
    expect((await engraftHere(["compare", task, lastLayer, join(csv, "no")])).code).toBe(2);
    expect((await engraftHere(["compare", task, csv, csv])).code).toBe(2);
  });
});

describe("outliers", () => {
  it("are marked where they are asked for", async () => {
    const args = ["predict", task, "--outliers"];
    const { code, stdout } = await engraftHere([...args, "--json", mails[0]![0], "∮∰ ∯"]);
    expect(code).toBe(0);
    const [known, strange] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).outlier);
    expect(known.isOutlier).toBe(false);
    expect(strange).toMatchObject({ isOutlier: true });
    const lines = await engraftHere([...args, "∮∰ ∯"]);
    expect(lines.stdout).toMatch(/^\w+ \(outlier\)\t/);
  });

  it("cannot be told by a task that keeps no examples", async () => {
    const path = join(csv, "..", "forgetful.engraft");
    await engraftHere(["train", csv, "-o", path, "--views", "last", "--no-examples"]);
    expect(await readdir(path)).toEqual(["head.onnx", "task.json"]);
    const refused = await engraftHere(["predict", path, "--outliers", "tea"]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/keeps no examples/);
    expect((await engraftHere(["predict", path, "tea"])).code).toBe(0);
  });
});
