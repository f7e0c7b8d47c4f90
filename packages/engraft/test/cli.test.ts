import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fc, test } from "@fast-check/vitest";
import { beforeAll, describe, expect, it } from "vitest";
import { defaultOutput } from "../src/cli/commands/task/train.js";
import { formatBytes } from "../src/cli/terminal/format.js";
import { formatSeconds, ProgressLine } from "../src/cli/terminal/terminal.js";
import {
  engraft,
  engraftHere,
  type Finished,
  mails,
  toCsv,
  writeFiles,
  writeImages,
  writeMails,
} from "./support.js";

const FIGURES = [
  "n",
  "accuracy",
  "balancedAccuracy",
  "macroF1",
  "logLoss",
  "intervals",
  "perClass",
  "confusion",
  "labels",
  "calibrationError",
];

let folder: string;
let csv: string;
let task: string;
let trained: Finished;

beforeAll(async () => {
  folder = await writeMails();
  csv = join(folder, "mails.csv");
  task = join(folder, "mails.engraft");
  trained = await engraft(["train", csv, "--json"]);
});

/** Expects a command to fail as a person should see it. */
function expectFailure(result: Finished, code: number, message: RegExp): void {
  expect(result).toMatchObject({ code, stdout: "" });
  expect(result.stderr).toMatch(message);
  expect(result.stderr).not.toMatch(/\n\s+at |internal error|node:internal/);
}

/** What a command says beside its progress, of which work that takes long prints a line now and then. */
function withoutProgress(stderr: string): string {
  return stderr.replace(/^.+: \d+ of \d+ \(\d+ %\).*\n/gm, "");
}

describe("train", () => {
  it("writes the task beside the data and prints the metrics as JSON", () => {
    expect(trained.code).toBe(0);
    const printed = JSON.parse(trained.stdout);
    for (const key of [...FIGURES, "baselines", "views", "seconds"])
      expect(printed).toHaveProperty(key);
    expect(printed).toMatchObject({ task, n: 24, labels: ["ham", "spam"], skipped: [] });
    expect(Object.keys(printed.baselines).sort()).toEqual([
      "labels-only",
      "last",
      "majority",
      "words",
    ]);
    expect(Object.keys(printed.views)).toContain("layers-mean");
    expect(printed).not.toHaveProperty("val");
    expect(trained.stdout.trimEnd()).not.toContain("\n");
    expect(withoutProgress(trained.stderr)).toBe("");
  });

  it("prints a table, what it wrote and what to do next, and needs no cache", async () => {
    const output = join(folder, "with table");
    const env = { ENGRAFT_CACHE: join(folder, "unused cache") };
    const parameters = ["train", csv, "-o", output, "--views", "last", "--no-cache"];
    const { code, stdout, stderr } = await engraft(parameters, { env });
    expect(code).toBe(0);
    expect(existsSync(env.ENGRAFT_CACHE)).toBe(false);
    expect(stdout).toMatch(/accuracy +balanced accuracy +macro-F1 +log-loss/);
    expect(stdout).toMatch(/this task +[01]\.\d{3} \[/);
    expect(stdout).toMatch(/majority.*\nwords.*\nlast/);
    expect(stdout).toContain(`Wrote ${output}. Try: engraft predict '${output}' "some text"`);
    expect(stderr).toMatch(/24 examples, 2 labels, base minilm-l6, trained in \d+ s/);
  });

  it("measures the splits that are given, and records what was left out", async () => {
    const bad = [...mails.slice(16), ["", "ham"]] as const;
    const data = await writeFiles({
      "train.csv": toCsv(mails.slice(0, 16)),
      "val.csv": toCsv(mails.slice(4, 12)),
      "test.csv": toCsv(bad as typeof mails),
    });
    const parameters = ["train", data, "--views", "last", "--class-weights", "balanced", "--json"];
    expectFailure(await engraft(parameters), 3, /test\.csv:10.*empty.*--skip-bad/s);
    const { code, stdout } = await engraft([...parameters, "--skip-bad"]);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout);
    expect([printed.n, printed.val.n, printed.test.n]).toEqual([16, 8, 8]);
    for (const key of [...FIGURES, "baselines"]) expect(printed.test).toHaveProperty(key);
    expect(printed.views).toEqual({ last: 1 });
    expect(printed.skipped).toMatchObject([{ where: "test.csv:10" }]);
    const manifest = JSON.parse(await readFile(join(printed.task, "task.json"), "utf8"));
    expect(manifest.dataset.skipped).toEqual(printed.skipped);
    expect(manifest.config).toMatchObject({ classWeights: "balanced", views: "last", seed: 0 });
  });
});

describe("data that cannot be used ends with exit code 3", () => {
  it.each<[string, Record<string, string | Uint8Array>, RegExp]>([
    ["an empty folder", { ".hidden": "" }, /is empty/],
    [
      "folders of folders of folders",
      { "a/b/c/1.txt": "x", "d/e/f/2.txt": "y" },
      /a\/, d\/.*<label>/s,
    ],
    [
      "a CSV without labels",
      { "x.csv": "text,other\nhello,1\nbye,2\n" },
      /no label column.*Columns: "text", "other"/s,
    ],
    ["a binary file", { "x.csv": Buffer.from("\x7fELF\x02\x01\0\0\0\xff\xfe\0\0text") }, /x\.csv/],
    ["an empty file", { "x.csv": "" }, /has no examples/],
    ["one label", { "x.csv": "text,label\na,x\nb,x\n" }, /label/],
  ])("%s", async (_, files, message) => {
    const written = await writeFiles(files);
    const data = "x.csv" in files ? join(written, "x.csv") : written;
    expectFailure(await engraftHere(["train", data]), 3, message);
  });

  it("images that are none, each with its name", async () => {
    const photos = await writeImages();
    await writeFile(join(photos, "横/broken.jpg"), "no image");
    await writeFile(join(photos, "stehend/empty.jpg"), "");
    const result = await engraftHere(["train", photos]);
    expectFailure(result, 3, /2 problems.*stehend\/empty\.jpg: is an empty file/s);
    expect(result.stderr).toMatch(/横\/broken\.jpg: is not an image of a known format/);
  });
});

describe("wrong use ends with exit code 2", () => {
  it("data to evaluate that is not there", async () => {
    expectFailure(
      await engraftHere(["evaluate", task, join(folder, "no.csv")]),
      2,
      /does not exist/,
    );
  });

  it.each<[string, () => string[], RegExp]>([
    ["an unknown option", () => ["train", csv, "--nope"], /unknown option '--nope'/],
    ["an unknown command", () => ["fly"], /unknown command 'fly'/],
    ["a missing argument", () => ["evaluate", task], /missing required argument 'data'/],
    ["an unknown choice", () => ["train", csv, "--views", "all"], /'all' is invalid.*auto, last/],
    ["a number that is none", () => ["train", csv, "--seed", "x"], /whole number/],
    ["a margin of nothing", () => ["train", csv, "--margin", "1"], /--margin need --fine-tune/],
    ["an unknown base", () => ["train", csv, "--base", "x"], /no base model "x".*minilm-l6/],
    ["data that is not there", () => ["train", "no.csv"], /no\.csv does not exist/],
    ["a place that is taken", () => ["train", csv, "-o", folder], /exists and is not a task/],
    ["a folder that is no task", () => ["predict", folder, "x"], /not a task folder/],
    [
      "something else to inspect",
      () => ["inspect", "nonsense"],
      /neither a task, nor an ONNX file, nor a base model .*minilm-l6/,
    ],
    ["an unknown option of a sub-command", () => ["cache", "prune", "--all"], /unknown option/],
  ])("%s", async (_, parameters, message) => {
    expectFailure(await engraftHere(parameters()), 2, message);
  });
});

it("an altered task ends with exit code 1 and the name of the file", async () => {
  const copy = join(folder, "altered.engraft");
  await mkdir(copy);
  for (const name of ["task.json", "head.onnx", "vocabulary.json"]) {
    await writeFile(join(copy, name), await readFile(join(task, name)));
  }
  await writeFile(join(copy, "head.onnx"), "altered");
  const [predicted, inspected] = [
    await engraft(["predict", copy, "x"]),
    await engraftHere(["inspect", copy]),
  ];
  expectFailure(predicted, 1, /^error: The file head\.onnx of task .* cannot be trusted/);
  expectFailure(inspected, 1, /head\.onnx/);
});

describe("predict", () => {
  it("takes texts as arguments", async () => {
    const texts = ["free money, click now", "see you\nat the meeting"];
    const { code, stdout } = await engraft(["predict", task, ...texts]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^spam\t[01]\.\d{3}\tfree money, click now\nham\t[01]\.\d{3}\tsee you at the meeting\n$/,
    );
  });

  it("prints one JSON object a line with exactly four fields", async () => {
    const { code, stdout, stderr } = await engraft(["predict", task, "--json", "free ☃ money"]);
    expect([code, stderr]).toEqual([0, ""]);
    const printed = JSON.parse(stdout);
    expect(Object.keys(printed)).toEqual(["input", "label", "probability", "probabilities"]);
    expect(printed).toMatchObject({ input: "free ☃ money", label: "spam" });
    expect(Object.keys(printed.probabilities)).toEqual(["ham", "spam"]);
    expect(printed.probabilities.spam).toBe(printed.probability);
  });
});

describe("evaluate", () => {
  it("prints one object with exactly these fields", async () => {
    const { code, stdout } = await engraft(["evaluate", task, csv, "--json", "--quiet"]);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout);
    expect(Object.keys(printed)).toEqual([...FIGURES, "trainedOn", "truncation", "skipped"]);
    expect(printed).toMatchObject({ trainedOn: 24, skipped: [] });
    expect(Object.keys(printed.intervals)).toEqual(FIGURES.slice(1, 5));
    expect(printed.perClass[0]).toEqual({
      label: "ham",
      precision: expect.any(Number),
      recall: expect.any(Number),
      f1: expect.any(Number),
      support: 12,
    });
    expect(printed.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(24);
  });

  it("prints tables", async () => {
    const { stdout } = await engraft(["evaluate", task, csv]);
    expect(stdout).toMatch(/^Measured on 24 examples/);
    expect(stdout).toMatch(/label +precision +recall +F1 +examples\nham +[01]\.\d{3}/);
    expect(stdout).toMatch(/\n +ham +spam\nham +12 +0\nspam +0 +12\n$/);
  });
});

describe("inspect", () => {
  it("shows a task", async () => {
    const { code, stdout } = await engraftHere(["inspect", task]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/labels +ham, spam/);
    expect(stdout).toMatch(/base +minilm-l6, digest [0-9a-f]{64}/);
    expect(stdout).toMatch(/head\.onnx, .* SHA-256 [0-9a-f]{64}/);
    const [, trainable, total] = stdout.match(/trainable ([\d,]+) of ([\d,]+) weights/)!;
    expect(trainable).toBe(total);
  });

  it("shows a base: its taps, and that nothing of it is trained", async () => {
    const { stdout } = await engraftHere(["inspect", "efficientnet-lite0"]);
    expect(stdout).toMatch(/taps +block\.1 \(16\), /);
    expect(stdout).toMatch(/trainable 0 of 3,\d{3},\d{3} weights/);
  });

  it("shows an ONNX file", async () => {
    const { code, stdout } = await engraftHere(["inspect", join(task, "head.onnx"), "--json"]);
    expect(code).toBe(0);
    const { title, facts, parts } = JSON.parse(stdout);
    expect(title).toContain("head.onnx");
    expect(Object.fromEntries(facts)).toMatchObject({
      producer: "engraft",
      outputs: "logProbabilities float32[batch, 2]",
    });
    expect(parts[0].sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("says what is wrong with a file that is not one", async () => {
    const data = await writeFiles({ "x.onnx": "not a model" });
    const result = await engraftHere(["inspect", join(data, "x.onnx")]);
    expectFailure(result, 1, /^error: .*ONNX/);
  });
});

it.each([
  "",
  "train",
  "predict",
  "evaluate",
  "compare",
  "export",
  "serve",
  "suggest",
  "rank",
  "inspect",
  "summary",
  "differentiate",
  "cache",
  "cache prune",
  "completion",
])("help of %j", async (command) => {
  const words = command === "" ? [] : command.split(" ");
  const { code, stdout, stderr } = await engraftHere([...words, "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`Usage: ${["engraft", ...words].join(" ")}`);
});

describe("completion", () => {
  it("completes commands, their options, and otherwise files in bash", async () => {
    const { stdout } = await engraftHere(["completion", "bash"]);
    const complete = async (...words: string[]): Promise<string[]> => {
      const script = `${stdout}\nCOMP_WORDS=(engraft ${words.map((word) => `'${word}'`).join(" ")})\nCOMP_CWORD=${words.length}\n_engraft\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
      const child = spawn("bash", ["-c", script]);
      const [printed] = await child.stdout.setEncoding("utf8").toArray();
      return String(printed).trim().split("\n");
    };
    expect(await complete("pre")).toEqual(["predict"]);
    expect(await complete("train", "--fine")).toEqual(["--fine-tune"]);
    expect(await complete("train", "mails")).toEqual([""]);
  });

  it("names every command and option for zsh and fish", async () => {
    const zsh = (await engraftHere(["completion", "zsh"])).stdout;
    const fish = (await engraftHere(["completion", "fish"])).stdout;
    expect(zsh).toMatch(/^#compdef engraft/);
    for (const name of ["train", "predict", "evaluate", "serve", "cache"]) {
      expect(zsh).toContain(`'${name}:`);
      expect(fish).toContain(`-a ${name} `);
    }
    expect(fish).toContain("__fish_seen_subcommand_from predict' -l max-error-rate ");
    expect((await engraftHere(["completion", "cmd.exe"])).code).toBe(2);
  });
});

it("the version is that of the package", async () => {
  const manifest = new URL("../package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(manifest, "utf8"));
  expect((await engraft(["--version"])).stdout).toBe(`${version}\n`);
});

it.each([
  ["mails.csv", "mails.engraft"],
  ["a.b/data.v2.JSONL", "a.b/data.v2.engraft"],
  ["photos/", "photos.engraft"],
  ["photos", "photos.engraft"],
  [".", `${process.cwd()}.engraft`],
  ["./", `${process.cwd()}.engraft`],
  ["..", `${dirname(process.cwd())}.engraft`],
])("the task of %s is written to %s", (data, output) => {
  expect(defaultOutput(data)).toBe(output);
});

describe("formats", () => {
  test.prop([fc.integer({ min: 0, max: 999 * 10 ** 12 })])("bytes have a fitting unit", (bytes) => {
    const [, digits, unit] = formatBytes(bytes).match(/^([\d.]+) (B|kB|MB|GB|TB)$/)!;
    const power = ["B", "kB", "MB", "GB", "TB"].indexOf(unit!);
    expect(Math.abs(Number(digits) - bytes / 1000 ** power)).toBeLessThanOrEqual(0.05 + 1e-9);
    expect(Number(digits)).toBeLessThanOrEqual(1000);
    if (power > 0) expect(Number(digits)).toBeGreaterThanOrEqual(1);
  });

  test.prop([fc.double({ min: 0, max: 1e6, noNaN: true })])("seconds add up", (seconds) => {
    const units = { s: 1, min: 60, h: 3600 };
    const parts = [...formatSeconds(seconds).matchAll(/(\d+) (s|min|h)/g)];
    const total = parts.reduce((sum, [, n, unit]) => sum + Number(n) * units[unit as "s"], 0);
    const step = seconds >= 3599.5 ? 60 : 1;
    expect(Math.abs(total - seconds)).toBeLessThanOrEqual(step);
    for (const [, n, unit] of parts.slice(1)) expect([Number(n) < 60, unit]).toEqual([true, unit]);
  });

  it("progress tells what, how far, how fast and how long still", () => {
    const written: string[] = [];
    const line = new ProgressLine(true, (text) => written.push(text));
    line.show({ phase: "features", done: 0, total: 100 }, 10_000);
    line.show({ phase: "features", done: 40, total: 100 }, 12_000);
    line.show({ phase: "features", done: 41, total: 100 }, 12_001);
    expect(written).toHaveLength(2);
    expect(written[1]).toBe("\r\x1b[2KReading layers: 40 of 100 (40 %), 20/s, 3 s left");
    line.clear();
    expect(written.at(-1)).toBe("\r\x1b[2K");
  });

  it("progress is rare plain lines where nothing can be redrawn", () => {
    const written: string[] = [];
    const line = new ProgressLine(false, (text) => written.push(text));
    for (let second = 0; second <= 25; second++) {
      line.show({ phase: "evaluate", done: second, total: 30 }, 1000 * second);
    }
    expect(written).toEqual([
      "Cross-validating: 10 of 30 (33 %), 1.0/s, 20 s left\n",
      "Cross-validating: 20 of 30 (66 %), 1.0/s, 10 s left\n",
    ]);
  });
});
