import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TextPreprocessing } from "@engraft/core";
import { createNode, createTensor, decodeModel, encodeModel, type Model } from "@engraft/onnx";
import type { RecordedExample } from "@engraft/tasks/internal";
import { beforeAll, describe, expect, it } from "vitest";
import { withExternalTensor } from "../../../core/test/external-weights.js";
import { IntegrityError, loadTask, type TaskManifest, train } from "../../dist/index.js";
import { engraft, engraftHere, writeFiles, writeMails } from "../support.js";

type Mutable<T> = T extends readonly (infer E)[]
  ? Mutable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;

/** `task.json` of a task on texts, to be broken. */
type Json = Mutable<Omit<TaskManifest, "preprocessing">> & {
  preprocessing: Mutable<TextPreprocessing>;
};

/** A line of `examples.jsonl`. */
type Line = Mutable<RecordedExample>;

let folder: string;
let data: string;
let original: string;
let copies = 0;

beforeAll(async () => {
  folder = await writeMails();
  data = join(folder, "mails.csv");
  original = join(folder, "mails.engraft");
  await (await train(data, { output: original })).close();
});

/** A copy of the task with an edited `task.json`, and other files whose digests are right. */
async function copyWith(
  edit: (manifest: Json) => void,
  files: Readonly<Record<string, Uint8Array | string>> = {},
): Promise<string> {
  const copy = join(folder, `copy-${++copies}.engraft`);
  await cp(original, copy, { recursive: true });
  const manifest = JSON.parse(await readFile(join(copy, "task.json"), "utf8"));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(copy, name), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    manifest.files[name] = { sha256, bytes: Buffer.byteLength(content) };
  }
  edit(manifest);
  await writeFile(join(copy, "task.json"), JSON.stringify(manifest));
  return copy;
}

const unchanged = (): void => {};

async function expectRefused(command: readonly string[], reason: RegExp): Promise<void> {
  const { code, stdout, stderr } = await engraftHere(command);
  expect(stdout).toBe("");
  expect(stderr).toMatch(reason);
  expect(stderr).toMatch(/^error: /);
  expect(code).toBe(1);
}

/** Expects a task not to be loaded; the command line says so as above. */
async function expectInvalid(task: string, reason: RegExp): Promise<void> {
  const loading = loadTask(task);
  await expect(loading).rejects.toThrow(reason);
  await expect(loading).rejects.toThrow(IntegrityError);
}

/** Every command that opens a task. */
const commands = (task: string): string[][] => [
  ["predict", task, "hello"],
  ["evaluate", task, data],
  ["compare", original, task, data],
  ["inspect", task],
  ["report", task],
  ["extend", task, data],
  ["suggest", join(folder, "mails.csv"), "--from", task],
  ["relabel", data, "--from", task, "--accept", "0.9"],
  ["export", task, "--onnx", join(folder, "out")],
  ["serve", task, "--port", "0"],
];

it("every command refuses a task whose head has another number of classes than it has labels", async () => {
  const task = await copyWith((manifest) => {
    const { dataset, evaluation, labels } = manifest;
    labels.push("zebra");
    dataset.perLabel.push({ label: "zebra", examples: 0 });
    evaluation.outOfFold!.labels.push("zebra");
    evaluation.outOfFold!.perClass.push({
      label: "zebra",
      precision: 0,
      recall: 0,
      f1: 0,
      support: 0,
    });
    for (const row of evaluation.outOfFold!.confusion) row.push(0);
    evaluation.outOfFold!.confusion.push([0, 0, 0]);
  });
  for (const command of commands(task)) {
    await expectRefused(command, /"logProbabilities" is \[inputs, 2\], and the task has 3 labels/);
  }
});

describe("task.json is refused", () => {
  it.each<[string, (manifest: Json) => void, RegExp]>([
    ["a label more", (m) => m.labels.push("x"), /at dataset\.perLabel: does not have the labels/],
    ["a label less", (m) => m.labels.pop(), /at labels/],
    ["equal labels", (m) => m.labels.fill("ham"), /at labels: has "ham" twice/],
    ["labels in another order", (m) => m.labels.reverse(), /at dataset\.perLabel/],
    [
      "metrics of other labels",
      (m) => m.evaluation.outOfFold!.labels.reverse(),
      /at evaluation\.outOfFold\.labels/,
    ],
    [
      "classes of other labels",
      (m) => m.evaluation.outOfFold!.perClass.pop(),
      /at evaluation\.outOfFold\.perClass/,
    ],
    [
      "a confusion that is no square",
      (m) => m.evaluation.outOfFold!.confusion[1]!.push(1),
      /at evaluation\.outOfFold\.confusion/,
    ],
    ["an accuracy above 1", (m) => (m.evaluation.outOfFold!.accuracy = 1.5), /outOfFold\.accuracy/],
    ["less than no examples", (m) => (m.dataset.examples = -1), /at dataset\.examples/],
    ["another modality", (m) => (m.modality = "image"), /at preprocessing\.kind/],
    ["a width of 2^53", (m) => (m.columns[0]!.width = 2 ** 53), /at columns\.0\.width/],
    ["a column twice", (m) => m.columns.push(m.columns[0]!), /at columns: has ".+" twice/],
    [
      "more columns than can be",
      (m) => (m.columns = Array.from({ length: 20_000 }, () => m.columns[0]!)),
      /at columns/,
    ],
    [
      "a column more",
      (m) => m.columns.push({ tap: "more", pooling: "mean", width: 3 }),
      /"features" is \[inputs, \d+\], and the task has \d+ features in its columns/,
    ],
    [
      "a tap that the base lacks",
      (m) => (m.columns[0]!.tap = "nowhere"),
      /"nowhere:\w+" with 384 features, and base model minilm-l6 has none/,
    ],
    ["padding to 10^9", (m) => (m.preprocessing.padTo = 1e9), /at preprocessing\.padTo/],
    [
      "padding beyond the positions",
      (m) => (m.preprocessing.padTo = 513),
      /at preprocessing\.padTo: must not be more than positions, which is 512/,
    ],
    [
      "padding that the base does without",
      (m) => (m.preprocessing.padTo = 512),
      /preprocessing differs in padTo from that of base model minilm-l6/,
    ],
    ["positions without end", (m) => (m.preprocessing.positions = 2 ** 40), /positions/],
    ["more tokens than positions", (m) => (m.preprocessing.maxTokens = 513), /maxTokens/],
    [
      "a file that no task has",
      (m) => (m.files["notes.txt"] = m.files["head.onnx"]!),
      /at files: names the file "notes\.txt"/,
    ],
    [
      "a file outside of it",
      (m) => (m.files["../mails.csv"] = m.files["head.onnx"]!),
      /at files: names the file "\.\.\/mails\.csv"/,
    ],
    [
      "no vocabulary",
      (m) => delete m.files["vocabulary.json"],
      /head\.onnx is not the head of this task: the task has nothing for its input "words"/,
    ],
  ])("with %s", async (_, edit, reason) => {
    await expectInvalid(await copyWith(edit), reason);
  });

  it.each([
    ["files", '"files":{"__proto__":"nonsense",', '"files":{'],
    ["baselines", '"baselines":{"__proto__":"nonsense",', '"baselines":{'],
  ])("with the name __proto__ in %s", async (field, hostile, usual) => {
    const task = await copyWith(unchanged);
    const path = join(task, "task.json");
    await writeFile(path, (await readFile(path, "utf8")).replace(usual, hostile));
    const reason = new RegExp(`${field}: Unrecognized key: "__proto__"`);
    await expectInvalid(task, reason);
  });
});

describe("a head is refused", () => {
  const secret = "SECRET-IN-THE-CURRENT-FOLDER";
  let head: Model;

  beforeAll(async () => {
    head = decodeModel(await readFile(join(original, "head.onnx")));
  });

  /** The head with something added to its answer. */
  function adding(name: string): Model {
    const { graph } = head;
    const nodes = graph.nodes.map((node) => ({
      ...node,
      outputs: node.outputs.map((output) => (output === "logProbabilities" ? "own" : output)),
    }));
    const add = createNode("Add", ["own", name], ["logProbabilities"]);
    return { ...head, graph: { ...graph, nodes: [...nodes, add] } };
  }

  it("with weights in a file of the current folder, which is not read", async () => {
    const current = await writeFiles({ "secret.txt": secret });
    const tensor = { name: "secret", dims: [2], location: "secret.txt" };
    const bytes = withExternalTensor(encodeModel(adding("secret")), tensor);
    const task = await copyWith(unchanged, { "head.onnx": bytes });
    const { code, stdout, stderr } = await engraft(["predict", task, "hello", "--json"], {
      cwd: current,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: head\.onnx is not the head of this task: .*"secret\.txt"/);
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ["that is empty", () => new Uint8Array(), /no ONNX graph/],
    ["that is garbage", () => new Uint8Array(100).fill(255), /not a readable ONNX model/],
    [
      "that adds a vector of another length",
      () => {
        const { graph, ...rest } = adding("odd");
        const odd = createTensor("float32", [3], new Float32Array(3));
        const initializers = new Map([...graph.initializers, ["odd", odd] as const]);
        return encodeModel({ ...rest, graph: { ...graph, initializers } });
      },
      /does not fit what it reads/,
    ],
  ])("%s", async (_, make, reason) => {
    const task = await copyWith(unchanged, { "head.onnx": make() });
    await expectInvalid(task, reason);
  });
});

describe("files of a task are refused", () => {
  it("where the vocabulary has more words than the head, or one twice", async () => {
    const vocabulary = JSON.parse(await readFile(join(original, "vocabulary.json"), "utf8"));
    const { terms, idf } = vocabulary;
    const longer = { terms: [...terms, "\u{10ffff}"], idf: [...idf, 1] };
    const doubled = { terms: [terms[0], ...terms.slice(0, -1)], idf };
    for (const [content, reason] of [
      [longer, /"words" is \[inputs, \d+\], and the task has \d+ words in its vocabulary/],
      [doubled, /not a list of different terms/],
    ] as const) {
      const task = await copyWith(unchanged, { "vocabulary.json": JSON.stringify(content) });
      await expectInvalid(task, reason);
    }
  });

  it.each<[string, (line: Line) => void, RegExp]>([
    ["a label that the task lacks", (line) => (line.label = "x"), /has the label "x"/],
    ["no text", (line) => delete line.text, /is no example of modality text/],
  ])("where an example has %s", async (_, edit, reason) => {
    const lines = (await readFile(join(original, "examples.jsonl"), "utf8")).trim().split("\n");
    const [first, ...rest] = lines;
    const line = JSON.parse(first!);
    edit(line);
    const content = `${[JSON.stringify(line), ...rest].join("\n")}\n`;
    const task = await copyWith(unchanged, { "examples.jsonl": content });
    await expectRefused(["report", task], reason);
    await expectRefused(["extend", task, data], reason);
    await expectRefused(["predict", task, "hello", "--outliers"], reason);
  });

  it("where task.json counts other examples than there are", async () => {
    const task = await copyWith((manifest) => (manifest.dataset.examples += 1));
    await expectRefused(["report", task], /it has 24 examples, and task\.json says 25/);
  });
});

describe.skipIf(process.platform === "win32")("what is no file is not read", () => {
  it.each(["head.onnx", "vocabulary.json", "examples.jsonl"])("as %s", async (name) => {
    const task = await copyWith(unchanged);
    const path = join(task, name);
    const kinds: [make: () => unknown, reason: RegExp][] = [
      [() => execFileSync("mkfifo", [path]), /it is a pipe and not a file/],
      [() => symlink("/dev/zero", path), /it is a device and not a file/],
      [() => mkdir(path), /it is a folder and not a file/],
    ];
    for (const [make, reason] of kinds) {
      await rm(path, { recursive: true });
      await make();
      if (name === "examples.jsonl") await expectRefused(["report", task], reason);
      else await expectInvalid(task, reason);
    }
  });

  it("as task.json", async () => {
    const task = await copyWith(unchanged);
    await rm(join(task, "task.json"));
    execFileSync("mkfifo", [join(task, "task.json")]);
    for (const command of commands(task)) {
      const { code, stderr } = await engraftHere(command);
      expect(code).toBe(2);
      expect(stderr).toMatch(/its task\.json cannot be read: it is a pipe and not a file/);
    }
  });

  it("as a file that is larger than task.json says", async () => {
    const task = await copyWith(unchanged);
    await writeFile(join(task, "head.onnx"), Buffer.alloc(1_000_000));
    await expectInvalid(task, /head\.onnx .* cannot be trusted: it has 1000000/);
  });
});
