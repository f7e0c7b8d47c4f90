import { execFile } from "node:child_process";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UsageError } from "@engraft/core";
import type { Prediction } from "@engraft/tasks/internal";
import { type ExportedPage, type ExportedTask, type ExportOptions, loadTask, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { engraft, engraftHere, writeFiles, writeImages, writeMails } from "../support.js";

const texts = ["you won a free cruise, click now!", "lunch with the team at noon", "ünïcode ☃"];

let folder: string;
let csv: string;
let path: string;
let output: string;
let exported: ExportedTask;
let expected: Prediction[];

beforeAll(async () => {
  folder = await writeMails();
  csv = join(folder, "mails.csv");
  path = join(folder, "mails.engraft");
  output = join(folder, "out");
  expected = await trainAndPredict(csv, path, texts, "auto");
  exported = await exportTask(path, output);
});

/** Exports the task at a path. */
async function exportTask(
  from: string,
  place: string,
  options: ExportOptions = {},
): Promise<ExportedTask> {
  await using loaded = await loadTask(from);
  return loaded.export(place, options);
}

const modules = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

/** Runs the Node program of an export's README: label, probability and input of each line. */
async function runReadme(exportFolder: string, inputs: readonly string[]) {
  const page = await readFile(join(exportFolder, "README.md"), "utf8");
  const [, program = ""] = page.match(/```js\n(.*?)```/s)!;
  const place = await writeFiles({ "predict.mjs": program });
  await symlink(modules, join(place, "node_modules"));
  const command = [join(place, "predict.mjs"), ...inputs];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: exportFolder });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, label, probability, input] = line.match(/^(\S+) (\S+) (.*)$/)!;
      return { label, probability: Number(probability), input };
    });
}

/** Trains a task, writes it, and returns what it says about some inputs. */
async function trainAndPredict(
  data: string,
  output: string,
  inputs: readonly string[],
  views: "auto" | "last",
) {
  const task = await train(data, { output, views });
  try {
    return await task.predict(inputs);
  } finally {
    await task.close();
  }
}

describe("an export of a task on texts", () => {
  it("predicts the same without Engraft, by the program in its README", async () => {
    const printed = await runReadme(output, texts);
    for (const [row, { label, probability }] of expected.entries()) {
      expect(printed[row]).toMatchObject({ label, input: texts[row] });
      expect(Math.log(printed[row]!.probability)).toBeCloseTo(Math.log(probability), 4);
    }
  });

  it("says what it wrote", async () => {
    expect(exported).toMatchObject({ output, weights: "float" });
    expect(Object.keys(exported.files).sort()).toEqual((await readdir(output)).sort());
    expect(exported.files["model.onnx"]).toBe(exported.floatBytes);
    expect(await readdir(folder)).toEqual(["mails.csv", "mails.engraft", "out"]);
  });

  it("is smaller in 8 bits, and what that costs is measured", async () => {
    const small = join(folder, "small");
    const options = { int8: true, data: csv, inputs: texts };
    const { weights, files, floatBytes, measured, agreement } = await exportTask(
      path,
      small,
      options,
    );
    expect(weights).toBe("int8");
    expect(files["model.onnx"]).toBeLessThan(0.55 * floatBytes);
    expect(floatBytes).toBe(exported.floatBytes);
    expect(measured?.task).toMatchObject({ n: 24, accuracy: 1 });
    expect(measured?.exported).toMatchObject({ n: 24, accuracy: 1 });
    expect(measured?.exported.logLoss).not.toBe(measured?.task.logLoss);
    expect(agreement).toMatchObject({ n: 3, agreement: 1 });
    expect(agreement?.largestDifference).toBeGreaterThan(0);
    expect(agreement?.largestDifference).toBeLessThan(0.1);
    const printed = await runReadme(small, texts);
    expect(printed.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
  });

  it("replaces an earlier export, and nothing else", async () => {
    const again = await exportTask(path, output);
    expect(again).toEqual(exported);
    const notes = join(output, "notes.txt");
    await writeFile(notes, "mine");
    await expect(exportTask(path, output)).rejects.toThrow(/something else than an export/);
    expect(await readFile(notes, "utf8")).toBe("mine");
    await expect(exportTask(path, path)).rejects.toThrow(UsageError);
    await expect(exportTask(path, csv)).rejects.toThrow(UsageError);
  });
});

describe("engraft export", () => {
  let photos: string;
  let task: string;
  let images: string[];
  let predictions: Prediction[];

  beforeAll(async () => {
    photos = await writeImages();
    task = join(folder, "photos.engraft");
    images = [join(photos, "横/写真0.jpg"), join(photos, "stehend/Bild ü 1.jpg")];
    predictions = await trainAndPredict(`${photos}/`, task, images, "last");
  });

  it("writes a task on images so that it predicts the same without Engraft", async () => {
    const out = join(folder, "photos");
    const result = await engraft(["export", task, ...images, "--onnx", out, "--json"]);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const { agreement } = JSON.parse(result.stdout) as ExportedTask;
    expect(agreement).toMatchObject({ n: 2, agreement: 1 });
    expect(agreement?.largestDifference).toBeLessThan(1e-5);
    const printed = await runReadme(out, images);
    for (const [row, { label, probability }] of predictions.entries()) {
      expect(printed[row]!.label).toBe(label);
      // sharp resizes a little differently.
      expect(printed[row]!.probability).toBeCloseTo(probability, 1);
    }
  });

  it("prints the size and the metrics of both", async () => {
    const out = join(folder, "small photos");
    const command = ["export", task, "--onnx", out, "--int8", "--data", photos];
    const { code, stdout, stderr } = await engraftHere(command);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^Wrote .*: model\.onnx, labels\.json, README\.md\. The model has 3\.\d MB instead of 7\.\d MB\.\n/,
    );
    expect(stdout).toMatch(
      /Measured on 12 examples[\s\S]*\nthe task +1\.000[\s\S]*\nexported +1\.000/,
    );
  });

  it("says where the cost was not measured, and how to measure it", async () => {
    const { code, stderr } = await engraftHere([
      "export",
      task,
      "--onnx",
      join(folder, "x"),
      "--int8",
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/was not measured: give labelled data with --data/);
  });

  it("writes a page, and says how a smaller one is made", async () => {
    const page = join(folder, "photos.html");
    const { code, stdout, stderr } = await engraftHere(["export", task, "--html", page]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Wrote .*photos\.html: 15\.\d MB\.\n$/);
    expect(stderr).toMatch(/takes 7\.2 MB of it.*--base efficientnet-lite0-int8/);
    const start = (await readFile(page, "utf8")).slice(0, 1000);
    expect(start).toContain("<title>photos</title>");
    expect(start).toContain("default-src 'none'");
    const again = await engraftHere(["export", task, "--html", page, "--json"]);
    const { output, bytes, base } = JSON.parse(again.stdout) as ExportedPage;
    expect([output, base.id]).toEqual([page, "efficientnet-lite0"]);
    expect(bytes).toBe((await readFile(page)).length);
  });

  it.each([
    [["missing.engraft", "--onnx", "x"], 2, /not a task folder/],
    [["missing.engraft"], 2, /--onnx <folder> for a model, or --html <file> for a page/],
    [["missing.engraft", "--onnx", "x", "--html", "y"], 2, /Say what to write/],
    [["missing.engraft", "--html", "x", "--int8"], 2, /train with --base minilm-l6-int8/],
    [["missing.engraft", "--html", "x", "--data", "y"], 2, /data and inputs are for --onnx/],
    [["missing.engraft", "--onnx", "x", "--title", "y"], 2, /--title is for --html/],
  ])("refuses %j", async (parameters, code, message) => {
    const result = await engraftHere(["export", ...parameters]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe("");
  });

  it("refuses data of another kind, and inputs that are not there", async () => {
    const place = ["--onnx", join(folder, "never")];
    const other = await engraftHere(["export", path, ...place, "--data", photos]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/reads texts/) });
    const missing = await engraftHere(["export", path, "gone.csv", ...place]);
    expect(missing).toMatchObject({ code: 3, stderr: expect.stringMatching(/does not exist/) });
    expect(await readdir(folder)).not.toContain("never");
  });
});
