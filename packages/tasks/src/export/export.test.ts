import type { BaseModel, Feeds, Input } from "@engraft/core";
import { createRandom, ortRuntime } from "@engraft/core";
import {
  columnsOf,
  createTextTokenizer,
  fitTfidf,
  padBatch,
  sessionModel,
  stackedHeadModel,
  stackPixels,
  textFeeds,
  totalWidth,
  transformTfidf,
  viewRecipes,
} from "@engraft/core/internal";
import {
  createGraph,
  createModel,
  createNode,
  decodeModel,
  inferTypes,
  renameValues,
  tensorOf,
  valueInfo,
  verify,
} from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { countingPlatform, imageBase, imageOf, textBase } from "../../../core/test/tiny-bases.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { Predictor } from "../predict/predictor.js";
import type { TaskParts } from "../predict/task-head.js";
import { packExport } from "./export.js";

const LABELS = ["ham", "spam", "__proto__"];
const texts = ["free money win", "tea and rain", "a walk in the rain", "tea tea", "", "win"];
const tfidf = fitTfidf(texts.slice(0, 3));

/** A task on some views of a base, with probes of random weights. */
function taskOn(base: BaseModel, names?: readonly string[]): TaskParts {
  const random = createRandom(5);
  const recipes = viewRecipes(base.spec, "auto").filter(
    ({ name }) => names?.includes(name) ?? true,
  );
  const columns = columnsOf(base.spec, recipes);
  const views = recipes.map((recipe) => {
    const width = recipe.kind === "words" ? tfidf.idf.length : totalWidth(recipe.columns);
    const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
    const linear = { weights: draw(LABELS.length * width), bias: draw(LABELS.length) };
    const classifier = { kind: "logistic", linear, c: 1 } as const;
    return { recipe, tfidf: recipe.kind === "words" ? tfidf : undefined, classifier };
  });
  const weights = views.map((_, index) => 1 / (index + 1));
  const { spec, digest } = base;
  return {
    // What an export reads of it.
    manifest: {
      labels: LABELS,
      columns,
      modality: spec.modality,
      preprocessing: spec.preprocessing,
      base: { id: spec.id, digest },
    } as unknown as TaskManifest,
    head: stackedHeadModel({ views, weights }, columns, LABELS.length),
    tfidf: views.find((view) => view.tfidf !== undefined)?.tfidf,
  };
}

function filesOf(task: TaskParts, base: BaseModel) {
  const { files } = packExport(task, base, { int8: false, version: "1.2.3" });
  const text = (name: string) => new TextDecoder().decode(files.get(name));
  return { files, text, model: decodeModel(files.get("model.onnx")!) };
}

/** Runs the exported bytes as a program without Engraft would: one padded batch. */
async function runExport(bytes: Uint8Array, feeds: Feeds) {
  const session = await ortRuntime(ort).createSession(sessionModel(decodeModel(bytes)));
  const outputs = await session.run(pick(feeds, session.inputNames));
  await session.release();
  return {
    logProbabilities: [...(outputs.get("logProbabilities")!.data as Float32Array)],
    probabilities: [...(outputs.get("probabilities")!.data as Float32Array)],
  };
}

function pick(feeds: Feeds, names: readonly string[]): Feeds {
  expect([...feeds.keys()]).toEqual(expect.arrayContaining([...names]));
  return new Map(names.map((name) => [name, feeds.get(name)!]));
}

function feedsOfTexts({ spec, tokenizer }: BaseModel): Feeds {
  if (spec.preprocessing.kind !== "text") throw new Error("not for texts");
  const encoder = createTextTokenizer(tokenizer(), spec.preprocessing);
  const rows = texts.map((text) => encoder.encode(text));
  const batch = padBatch(rows, spec.preprocessing.padTokenId);
  const words = new Float32Array(texts.length * tfidf.idf.length);
  const { cols, rowOffsets, columns, values } = transformTfidf(tfidf, texts);
  for (let row = 0; row < texts.length; row++) {
    for (let entry = rowOffsets[row]!; entry < rowOffsets[row + 1]!; entry++) {
      words[row * cols + columns[entry]!] = values[entry]!;
    }
  }
  const dims = [texts.length, cols];
  return new Map([
    ...textFeeds(spec.inputs, batch),
    ["words", { dtype: "float32", dims, data: words }],
  ]);
}

async function predictTask(task: TaskParts, base: BaseModel, inputs: readonly Input[]) {
  const predictor = await Predictor.open(task, base, countingPlatform());
  const { logProbabilities } = await predictor.logProbabilities(inputs);
  await predictor.release();
  return [...logProbabilities.data];
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) {
    expect(Math.abs(actual[at]! - value)).toBeLessThan(1e-5);
  }
}

const textInputs = texts.map((text): Input => ({ kind: "text", text }));

/** Expects the exported bytes to say what the task says. */
async function expectSame(task: TaskParts, base: BaseModel): Promise<void> {
  const bytes = filesOf(task, base).files.get("model.onnx")!;
  const { logProbabilities, probabilities } = await runExport(bytes, feedsOfTexts(base));
  expectClose(logProbabilities, await predictTask(task, base, textInputs));
  expectClose(probabilities, logProbabilities.map(Math.exp));
}

describe("an exported task", () => {
  it.each([
    ["all views", undefined],
    ["one layer", ["last"]],
    ["layers and words", ["last", "words"]],
    ["words alone", ["words"]],
  ])("says of texts what the task says: %s", async (_, names) => {
    await expectSame(taskOn(textBase, names), textBase);
  });

  it("says of images what the task says", async () => {
    const random = createRandom(1);
    const inputs = Array.from({ length: 5 }, () =>
      imageOf(...Array.from({ length: 48 }, () => random.integer(250))),
    );
    const task = taskOn(imageBase);
    const { preprocessing } = imageBase.spec;
    if (preprocessing.kind !== "image") throw new Error("not for images");
    const platform = countingPlatform();
    const prepared = await Promise.all(
      inputs.map(async (input) => platform.prepareImage(await input.read(), preprocessing)),
    );
    const bytes = filesOf(task, imageBase).files.get("model.onnx")!;
    const feeds = new Map([["pixels", stackPixels(prepared, preprocessing)]]);
    const session = await ortRuntime(ort).createSession(sessionModel(decodeModel(bytes)));
    const outputs = await session.run(feeds);
    await session.release();
    const expected = await predictTask(task, imageBase, inputs);
    expectClose([...(outputs.get("logProbabilities")!.data as Float32Array)], expected);
  });

  it("keeps the names of its outputs where the base uses them for something else", async () => {
    const renames = new Map([
      ["m", "probabilities"],
      ["t", "logProbabilities"],
    ]);
    const { model, spec } = textBase;
    const base: BaseModel = {
      ...textBase,
      spec: {
        ...spec,
        taps: spec.taps.map((tap) => ({ ...tap, value: renames.get(tap.value) ?? tap.value })),
      },
      model: { ...model, graph: renameValues(model.graph, renames) },
    };
    await expectSame(taskOn(base), base);
  });

  it("takes the operator set of a base that is newer than the head", async () => {
    const base = { ...textBase, model: { ...textBase.model, opsets: new Map([["", 22]]) } };
    await expectSame(taskOn(base), base);
    expect(filesOf(taskOn(base), base).model.opsets.get("")).toBe(22);
  });

  it("stores in 16 bits what the base stores in 16 bits", async () => {
    const rows = 40;
    const table = tensorOf(
      "float16",
      [rows, 8],
      Array.from({ length: 8 * rows }, (_, n) => Math.sin(n)),
    );
    const base: BaseModel = {
      ...textBase,
      model: inferTypes(
        createModel({
          graph: createGraph({
            inputs: textBase.model.graph.inputs,
            nodes: [
              createNode("Cast", ["table"], ["wide"], { to: 1 }),
              createNode("Gather", ["wide", "ids"], ["e"]),
              createNode("Tanh", ["e"], ["t"]),
            ],
            initializers: [["table", table]],
            outputs: [valueInfo("t", "float32", ["batch", "token", 8])],
          }),
        }),
      ),
    };
    const task = taskOn(base);
    const { model } = filesOf(task, base);
    const stored = [...model.graph.initializers.values()].filter(({ dims }) => dims[0] === rows);
    expect(stored).toEqual([table]);
    await expectSame(task, base);
  });
});

describe("the files of an export", () => {
  it("are those that a reader needs", () => {
    const { files, text, model } = filesOf(taskOn(textBase), textBase);
    verify(model);
    expect([...files.keys()]).toEqual([
      "model.onnx",
      "labels.json",
      "README.md",
      "tokenizer.json",
      "vocabulary.json",
    ]);
    expect(JSON.parse(text("labels.json"))).toEqual(LABELS);
    expect(JSON.parse(text("tokenizer.json"))).toEqual(textBase.tokenizer());
    expect(JSON.parse(text("vocabulary.json")).terms).toEqual([...tfidf.terms.keys()]);
    expect([...filesOf(taskOn(imageBase), imageBase).files.keys()]).toEqual([
      "model.onnx",
      "labels.json",
      "README.md",
    ]);
    expect([...filesOf(taskOn(textBase, ["words"]), textBase).files.keys()]).not.toContain(
      "tokenizer.json",
    );
  });

  it("describe themselves in the metadata of the model", () => {
    const { model } = filesOf(taskOn(textBase), textBase);
    expect(model.producer).toEqual({ name: "engraft", version: "1.2.3" });
    const about = (key: string) => JSON.parse(model.metadata.get(`engraft.${key}`)!);
    expect(about("labels")).toEqual(LABELS);
    expect(about("base")).toEqual({ id: "tiny-texts", digest: textBase.digest });
    expect(about("preprocessing")).toEqual(textBase.spec.preprocessing);
    expect(Object.keys(about("inputs"))).toEqual(model.graph.inputs.map(({ name }) => name));
    expect(Object.keys(about("outputs"))).toEqual(model.graph.outputs.map(({ name }) => name));
    expect(model.metadata.get("engraft.version")).toBe("1.2.3");
    expect(model.metadata.get("engraft.weights")).toBe("float");
  });

  it("tell a person what goes in and comes out", () => {
    const page = filesOf(taskOn(textBase), textBase).text("README.md");
    expect(page).toContain("`ham`, `spam`, `__proto__`");
    expect(page).toContain("| `ids` | `int64[batch, token]` |");
    expect(page).toContain(`| \`words\` | \`float32[batch, ${tfidf.idf.length}]\` |`);
    expect(page).toContain("| `probabilities` | `float32[batch, 3]` |");
    expect(page).toContain("tokenizer.enable_truncation(16)");
    // [SEP] stands behind the text.
    expect(page).toContain("[...ids.slice(0, 15), ...ids.slice(-1)]");
    expect(page).toContain("Licence: none. Source: none.");
  });

  it("show how a model of one length is fed", () => {
    const preprocessing = { ...textBase.spec.preprocessing, padTo: 12 };
    const base = { ...textBase, spec: { ...textBase.spec, preprocessing } } as BaseModel;
    const page = filesOf(taskOn(base), base).text("README.md");
    expect(page).toContain("tokenizer.enable_padding(pad_id=0, length=12)");
    expect(page).toContain("while (ids.length < 12) ids.push(0);");
    expect(page).toContain("fill(1n, 0, count)");
  });
});
