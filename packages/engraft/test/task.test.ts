import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataError, IntegrityError, UsageError } from "@engraft/core";
import type { TaskManifest } from "@engraft/tasks/internal";
import { inspect, loadTask, readDataset, type Task, train } from "engraft";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bmp } from "./image-support.js";
import { engraft, mails, toCsv, writeFiles, writeImages, writeMails } from "./support.js";

const open: Task[] = [];

afterAll(() => Promise.all(open.map((task) => task.close())));

/** A task that is closed at the end. */
async function keep(task: Promise<Task>): Promise<Task> {
  open.push(await task);
  return task;
}

let folder: string;
let csv: string;
let path: string;
let task: Task;

beforeAll(async () => {
  folder = await writeMails();
  csv = join(folder, "mails.csv");
  path = join(folder, "mails.engraft");
  task = await keep(train(csv, { output: path }));
});

/** `task.json` without what may differ between two trainings on the same. */
async function manifestText(of: string): Promise<string> {
  const text = await readFile(join(of, "task.json"), "utf8");
  return text.replace(/"(createdAt|seconds)": .*\n/g, "");
}

/** SHA-256 of the text base's weights as they are on the disk. */
async function baseDigest(): Promise<string> {
  const [part] = (await inspect("minilm-l6")).parts;
  return part!.sha256;
}

describe("train on texts", () => {
  it("gives a task that predicts, in memory and from its folder", async () => {
    const loaded = await keep(loadTask(path));
    const texts = ["free money, click now", "see you at the meeting tomorrow"];
    const predictions = await task.predict(texts);
    expect(predictions.map(({ label }) => label)).toEqual(["spam", "ham"]);
    expect(await loaded.predict(texts)).toEqual(predictions);
    expect(loaded.manifest).toEqual(JSON.parse(JSON.stringify(task.manifest)));
    expect((await readdir(path)).sort()).toEqual(
      ["task.json", ...Object.keys(task.manifest.files)].sort(),
    );
  });

  it("predicts an input the same whatever stands beside it", async () => {
    const texts = mails.map(([text]) => text);
    const together = await task.predict(texts);
    for (const row of [0, 7, 23]) {
      expect(await task.predict([texts[row]!])).toEqual([together[row]]);
    }
  });

  it("gives the same bytes for the same seed, and leaves the base as it is", async () => {
    const again = join(folder, "again.engraft");
    const before = await baseDigest();
    await keep(train(csv, { output: again }));
    expect(await baseDigest()).toBe(before);
    for (const name of Object.keys(task.manifest.files)) {
      expect(await readFile(join(again, name))).toEqual(await readFile(join(path, name)));
    }
    expect(await manifestText(again)).toBe(await manifestText(path));
  });

  it("streams in order, with constant results", async () => {
    const inputs = mails.slice(0, 5).map(([text], n) => ({
      source: `line ${n}`,
      input: { kind: "text", text } as const,
    }));
    const streamed: [string, string][] = [];
    for await (const { source, prediction, error } of task.predictStream(inputs)) {
      if (error !== undefined) throw error;
      streamed.push([source, prediction.label]);
    }
    expect(streamed).toEqual(mails.slice(0, 5).map(([, label], n) => [`line ${n}`, label]));
  });

  it.each([
    [5, "a number"],
    [undefined, "undefined"],
    [null, "null"],
    [{ text: "x" }, "an object"],
    [Buffer.from("free money"), "an object of class Buffer"],
    [["x"], "a list"],
  ])("refuses an input that is no text: %o", async (given, what) => {
    const untyped: unknown[] = ["free money", given];
    const predicted = task.predict(untyped as string[]).catch((thrown: unknown) => thrown);
    expect(await predicted).toBeInstanceOf(UsageError);
    expect(await predicted).toHaveProperty(
      "message",
      `Input 2 is ${what}; expected a text (string).`,
    );
    const streamed = (async () => {
      for await (const { prediction } of task.predictStream(untyped as string[])) {
        expect(prediction?.label).toBe("spam");
      }
    })();
    await expect(streamed).rejects.toThrow(`Input 2 is ${what}; expected a text (string).`);
  });

  it("answers what is under way before it is closed", async () => {
    const closed = await loadTask(path);
    const answers = closed.predict(mails.map(([text]) => text));
    await closed.close();
    expect(await answers).toHaveLength(mails.length);
    await expect(closed.predict("x")).rejects.toThrow("The task was closed");
  });

  it("stops when it is aborted", async () => {
    const signal = AbortSignal.abort();
    await expect(train(csv, { signal })).rejects.toThrow(/abort/i);
    await expect(task.predict(["x"], { signal })).rejects.toThrow(/abort/i);
  });

  it("takes labels of any kind", async () => {
    const odd = ["__proto__", "constructor", "naïve ☃", "a/b"];
    const rows = mails.map(([text, label], n) => {
      const half = Math.floor(n / 12);
      return [text, odd[(label === "spam" ? 0 : 1) + 2 * half]!] as const;
    });
    const output = join(folder, "odd labels ☃.engraft");
    const data = join(await writeFiles({ "tëxte ☃.csv": toCsv(rows) }), "tëxte ☃.csv");
    await train(data, { output, views: "last" }).then((trained) => trained.close());
    const loaded = await keep(loadTask(output));
    expect(loaded.manifest.labels).toEqual([...odd].sort());
    const [answer] = await loaded.predict([rows[0]![0]]);
    expect(Object.keys(answer!.probabilities).sort()).toEqual([...odd].sort());
    expect(JSON.parse(JSON.stringify(answer!.probabilities))).toHaveProperty(["constructor"]);
    const metrics = await loaded.evaluate(await readDataset(data));
    expect(metrics.n).toBe(24);
  });

  it("takes a data set that was read before, and measures its test split", async () => {
    const data = await writeFiles({
      "train.csv": toCsv(mails.slice(0, 16)),
      "test.csv": toCsv(mails.slice(16)),
    });
    const dataset = await readDataset(data);
    const trained = await keep(train(dataset, { classWeights: "balanced", views: "last" }));
    const { evaluation, config } = trained.manifest;
    expect(config.classWeights).toBe("balanced");
    expect([evaluation.outOfFold!.n, evaluation.val, evaluation.test?.n]).toEqual([
      16,
      undefined,
      8,
    ]);
    const measured = await trained.evaluate(dataset);
    expect(measured.n).toBe(8);
    expect(measured.confusion).toEqual(evaluation.test!.confusion);
  });
});

describe("train refuses", () => {
  it("a place that is taken by something else, before any work", async () => {
    const taken = await writeFiles({ "notes/diary.txt": "mine" });
    const seen: string[] = [];
    const training = train(csv, {
      output: join(taken, "notes"),
      onProgress: ({ phase }) => seen.push(phase),
    });
    await expect(training).rejects.toThrow(UsageError);
    await expect(training).rejects.toThrow(/exists and is not a task\./);
    expect(seen).toEqual([]);
    expect(await readFile(join(taken, "notes/diary.txt"), "utf8")).toBe("mine");
  });

  it.each([
    ["an unknown base", { base: "gpt-17" }, /no base model "gpt-17".*minilm-l6/],
    ["an odd seed", { seed: -1 }, /not valid at "seed"/],
    ["a base for other data", { base: "efficientnet-lite0" }, /efficientnet-lite0|image|image/],
  ] as const)("%s", async (_, config, message) => {
    const training = train(csv, config);
    await expect(training).rejects.toThrow(UsageError);
    await expect(training).rejects.toThrow(message);
  });

  it("data that does not exist", async () => {
    await expect(train(join(folder, "nothing.csv"))).rejects.toThrow(/does not exist/);
  });
});

it("train replaces a task that is already there, and keeps what is not the task's", async () => {
  const output = join(folder, "replaced.engraft");
  await cp(path, output, { recursive: true });
  await writeFile(join(output, "notes.txt"), "mine");
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  await keep(train(csv, { output, views: "last", onWarning }));
  expect(await readFile(join(output, "notes.txt"), "utf8")).toBe("mine");
  expect(warnings.filter((warning) => warning.includes("notes.txt"))).toHaveLength(1);
  expect((await keep(loadTask(output))).manifest.head.views).toMatchObject([{ weight: 1 }]);
  expect((await readdir(folder)).filter((name) => name.includes("tmp"))).toEqual([]);
});

describe("a task folder that was altered", () => {
  let copies = 0;

  async function altered(change: (copy: string) => Promise<unknown>): Promise<IntegrityError> {
    const copy = join(folder, `altered ${++copies}.engraft`);
    await cp(path, copy, { recursive: true });
    await change(copy);
    const error = await loadTask(copy).catch((thrown: unknown) => thrown);
    if (!(error instanceof IntegrityError)) throw new Error(`not refused: ${String(error)}`);
    expect(error.message).toContain(error.file);
    return error;
  }

  /** Rewrites a file in a copy of the task. */
  const rewrite =
    (name: string, edit: (bytes: Buffer) => string | Uint8Array) => async (copy: string) =>
      writeFile(join(copy, name), edit(await readFile(join(copy, name))));

  const editManifest = (edit: (manifest: Record<string, unknown>) => object) =>
    rewrite("task.json", (bytes) => JSON.stringify(edit(JSON.parse(bytes.toString()))));

  it.each(["head.onnx", "vocabulary.json"])("in %s is refused", async (name) => {
    const flip = rewrite(name, (bytes) => {
      bytes[bytes.length >> 1]! ^= 1;
      return bytes;
    });
    expect(await altered(flip)).toMatchObject({ code: "task/altered", file: name });
    const remove = (copy: string) => rm(join(copy, name));
    const error = await altered(remove);
    expect(error).toMatchObject({ code: "task/altered", file: name });
    expect(error.message).toContain("missing");
  });

  it("to another version is refused", async () => {
    const error = await altered(editManifest((manifest) => ({ ...manifest, schemaVersion: 2 })));
    expect(error).toMatchObject({ code: "task/version", file: "task.json" });
  });

  it("to what is no task is refused", async () => {
    const noJson = await altered(rewrite("task.json", (bytes) => bytes.subarray(0, 100)));
    expect(noJson).toMatchObject({ code: "task/invalid", file: "task.json" });
    const noHead = await altered(editManifest((manifest) => ({ ...manifest, files: {} })));
    expect(noHead.file).toBe("head.onnx");
  });

  it("to read files outside of it is refused", async () => {
    const outside = { "../mails.csv": { sha256: "0".repeat(64), bytes: 1 } };
    const error = await altered(editManifest((manifest) => ({ ...manifest, files: outside })));
    expect(error.message).toContain('names the file "../mails.csv"');
  });

  it("to another base is refused", async () => {
    const base = { ...task.manifest.base, digest: "0".repeat(64) };
    const error = await altered(editManifest((manifest) => ({ ...manifest, base })));
    expect(error).toMatchObject({ code: "base/altered" });
    expect(error.message).toContain(base.digest);
  });

  it("or never was one, is told apart", async () => {
    await expect(loadTask(folder)).rejects.toThrow(UsageError);
    await expect(loadTask(join(folder, "nowhere"))).rejects.toThrow(/not a task folder/);
  });
});

it("a task whose base was altered is refused with the name of the file", async () => {
  const installed = await installWith(async (model) => {
    const tokenizer = join(model, "tokenizer.json");
    const text = await readFile(tokenizer, "utf8");
    await writeFile(tokenizer, text.replace('"the"', '"teh"'));
  });
  const { code, stdout, stderr } = await engraft(["predict", path, "hello"], {
    program: installed,
  });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^error: The file tokenizer\.json of base model minilm-l6 was altered/);
});

/** Installs Engraft beside a copy of its text base, lets `change` edit that, and gives the program. */
async function installWith(change: (model: string) => Promise<void>): Promise<string> {
  const source = fileURLToPath(new URL("..", import.meta.url));
  const modules = join(await writeFiles({}), "node_modules");
  const copy = join(modules, "engraft");
  for (const name of ["package.json", "bin", "dist"]) {
    await cp(join(source, name), join(copy, name), { recursive: true });
  }
  const require = createRequire(join(source, "package.json"));
  const { dependencies } = require("./package.json") as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    const link = join(modules, name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(packageFolder(require, name), link, "junction");
  }
  const model = join(modules, "@engraft/model-minilm-l6");
  const original = packageFolder(require, "@engraft/model-minilm-l6");
  await rm(model);
  await cp(original, model, { recursive: true, filter: (file) => basename(file) !== "reference" });
  await change(model);
  return join(copy, "bin/engraft.js");
}

function packageFolder(require: NodeJS.Require, name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return dirname(require.resolve(join(folder, name, "package.json")));
    } catch {
      // Not in this one.
    }
  }
  throw new Error(`${name} is not installed`);
}

describe("train on images", () => {
  let photos: string;
  let images: Task;
  let manifest: TaskManifest;

  beforeAll(async () => {
    photos = await writeImages();
    images = await keep(train(photos, { output: join(folder, "Fotos ü.engraft") }));
    ({ manifest } = images);
  });

  it("knows the labels and files by their own names", async () => {
    expect(manifest.labels).toEqual(["stehend", "横"]);
    const paths = [join(photos, "横/写真2.jpg"), join(photos, "stehend/Bild ü 3.jpg")];
    const loaded = await keep(loadTask(join(folder, "Fotos ü.engraft")));
    const answers = await loaded.predict(paths);
    expect(answers.map(({ label }) => label)).toEqual(["横", "stehend"]);
    expect(await loaded.predict([await readFile(paths[0]!)])).toEqual([answers[0]]);
  });

  it("is measured beside colours", () => {
    expect(Object.keys(manifest.evaluation.outOfFold!.baselines).sort()).toEqual([
      "colours",
      "last",
      "majority",
    ]);
    expect(manifest.columns.every(({ tap }) => tap !== "color-histogram")).toBe(true);
  });

  it("refuses a text that was read before", async () => {
    const stream = images.predictStream([{ source: "a", input: { kind: "text", text: "x" } }]);
    await expect(stream.next()).rejects.toThrow("Input 1 is a text; expected an image.");
  });

  it("refuses an input that is neither an image's content nor its place", async () => {
    const untyped: unknown[] = [new Blob(["x"])];
    await expect(images.predict(untyped as string[])).rejects.toThrow(
      "Input 1 is an object of class Blob; expected the content of an image (Uint8Array) or its place (string).",
    );
  });

  it("lists every image that cannot be predicted", async () => {
    const bad = await writeFiles({ "a.jpg": "no image", "b.jpg": "" });
    const inputs = [join(bad, "a.jpg"), join(photos, "横/写真0.jpg"), join(bad, "c.jpg")];
    const error = await images.predict(inputs).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).problems.map(({ where }) => where)).toEqual([inputs[0], inputs[2]]);
  });

  it("renders no SVG, decodes bitmaps, and keeps to a limit of pixels", async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>');
    await expect(images.predict([svg])).rejects.toThrow("is an SVG drawing, which is not rendered");
    const bitmap = bmp({ width: 1, height: 1, bits: 24, rows: [1, 2, 3, 0] });
    expect(await images.predict([bitmap])).toHaveLength(1);
    const photo = join(photos, "横/写真0.jpg");
    await expect(images.predict([photo], { maxImagePixels: 100 })).rejects.toThrow(
      "the limit is 0.0001 megapixels",
    );
  });

  it("leaves out bad images on request, and records them", async () => {
    const whole = await readFile(join(photos, "横/写真0.jpg"));
    await writeFile(join(photos, "横/cut.jpg"), whole.subarray(0, whole.length / 2));
    const training = train(photos, { views: "last" });
    await expect(training).rejects.toThrow(/横\/cut\.jpg/);
    const trained = await keep(train(photos, { skipBad: true, views: "last" }));
    expect(trained.manifest.dataset.examples).toBe(12);
    expect(trained.manifest.dataset.skipped).toMatchObject([{ where: "横/cut.jpg" }]);
  });
});
