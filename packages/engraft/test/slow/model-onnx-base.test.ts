import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createGraph,
  createModel,
  createNode,
  decodeModel,
  encodeModel,
  inferTypes,
  normalize,
  tensorOf,
  valueInfo,
} from "@engraft/onnx";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  fit,
  IntegrityError,
  layers,
  loadModel,
  loadTask,
  readDataset,
  selectBase,
  train,
} from "../../dist/index.js";
import { drawImage, engraft, engraftHere, mails, toCsv, writeFiles } from "../support.js";

/** Images for models of 32 x 32 pixels. */
const SMALL_IMAGES = JSON.stringify({
  kind: "image",
  resize: { mode: "exact", size: 32, filter: "bilinear" },
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
  layout: "nchw",
});

const TEXTS = JSON.stringify({
  kind: "text",
  tokenizer: "words.json",
  maxTokens: 64,
  padTokenId: 0,
  positions: 64,
});

function fixture(name: string): Promise<Buffer> {
  const folder = new URL("../../../../conformance/fixtures/", import.meta.url);
  return readFile(new URL(`${name}/model.onnx`, folder));
}

/** A tokenizer of the words in {@link mails}, 59 at most, as the vocabulary of the fixture has 60. */
function wordTokenizer(): string {
  const words = new Set(mails.flatMap(([text]) => text.toLowerCase().match(/[a-z]+/g) ?? []));
  const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
  const vocabulary = [...special, ...words].slice(0, 59);
  return JSON.stringify({
    version: "1.0",
    added_tokens: special.map((content, id) => ({
      ...{ id, content, special: true, single_word: false },
      ...{ lstrip: false, rstrip: false, normalized: false },
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    decoder: null,
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
      ],
      pair: [],
      special_tokens: Object.fromEntries(
        ["[CLS]", "[SEP]"].map((id, at) => [id, { id, ids: [at + 2], tokens: [id] }]),
      ),
    },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  });
}

/** A folder with a model, what prepares its inputs, and images of two classes. */
async function imageFolder(name: string): Promise<string> {
  const files: Record<string, string | Uint8Array> = {
    "model.onnx": await fixture(name),
    "small.json": SMALL_IMAGES,
  };
  for (let n = 0; n < 6; n++) {
    for (const kind of ["stand", "lie"] as const) {
      const image = sharp(await drawImage(kind, n)).resize(32, 32);
      files[`data/${kind}/${n}.png`] = await image.png().toBuffer();
    }
  }
  return writeFiles(files);
}

async function textFolder(name: string): Promise<string> {
  return writeFiles({
    "model.onnx": await fixture(name),
    "texts.json": TEXTS,
    "words.json": wordTokenizer(),
    "mails.csv": toCsv(mails),
  });
}

/** A model of images that convolves with one weight or another, by an input that says which. */
function switchedModel(): Uint8Array {
  const size = 16 * 3 * 8 * 8;
  const branch = (name: string, seed: number) => {
    const weights = Array.from({ length: size }, (_, at) => Math.sin(seed * (at + 1) ** 2));
    return createGraph({
      nodes: [createNode("Conv", ["x", name], [`${name}/y`], { strides: [8, 8] })],
      outputs: [valueInfo(`${name}/y`, "float32", ["N", 16, 4, 4])],
      initializers: [[name, tensorOf("float32", [16, 3, 8, 8], weights)]],
    });
  };
  const graph = createGraph({
    nodes: [
      createNode("Equal", ["rate", "wide"], ["is_wide"]),
      createNode("If", ["is_wide"], ["map"], {
        then_branch: branch("wide.weight", 1),
        else_branch: branch("narrow.weight", 2),
      }),
      createNode("Relu", ["map"], ["active"]),
      createNode("Flatten", ["active"], ["y"]),
    ],
    inputs: [valueInfo("x", "float32", ["N", 3, 32, 32]), valueInfo("rate", "int64", [])],
    outputs: [valueInfo("y", "float32", ["N", 256])],
    initializers: [["wide", tensorOf("int64", [], [16000])]],
  });
  return encodeModel(createModel({ graph, opset: 17 }));
}

describe("an ONNX file as a base", () => {
  it.each([
    ["mobilenet-v3-torchscript-13", ["features.0:map", "features.5:map", "features:vector"]],
    ["resnet-torchscript-17", ["layer1:map", "layer4:map", "features:vector"]],
    ["swin-dynamo-18", ["features.0:map", "features.3:map", "features:vector"]],
  ])("%s learns images, and predicts from the folder alone", async (name, taps) => {
    const folder = await imageFolder(name);
    const [base, preprocess] = ["model.onnx", "small.json"].map((file) => join(folder, file));
    const output = join(folder, "task");
    const config = { base: base!, preprocess: preprocess! };
    const trained = await train(join(folder, "data"), { ...config, output, cache: false });
    const input = join(folder, "data/lie/0.png");
    const prediction = await trained.predict([input]);
    await trained.close();
    const { manifest } = trained;
    expect(manifest.base.id).toBe(base);
    expect(manifest.config).toMatchObject(config);
    expect(manifest.evaluation.outOfFold!.n).toBe(12);
    const model = await loadModel(base!, { preprocess });
    const found = model.taps.map((tap) => `${tap.name}:${tap.kind}`);
    expect(found).toEqual(expect.arrayContaining(taps));
    expect(found.at(-1)).toBe("features:vector");

    const task = await loadTask(output);
    expect(await task.predict([input])).toEqual(prediction);
    await task.close();
  });

  it.each(["bert-dynamo-18", "bert-eager-torchscript-11"])(
    "%s learns texts, padded to the one length that it reads",
    async (name) => {
      const folder = await textFolder(name);
      const parameters = ["train", "mails.csv", "--base", "./model.onnx", "--json"];
      const asked = [...parameters, "--preprocess", "texts.json"];
      const { code, stdout, stderr } = await engraft(asked, { cwd: folder });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({ n: 24, labels: ["ham", "spam"] });
      const manifest = JSON.parse(await readFile(join(folder, "mails.engraft/task.json"), "utf8"));
      expect(manifest.base.id).toBe("./model.onnx");
      expect(manifest.preprocessing).toMatchObject({ padTo: 12, maxTokens: 12 });
      const predict = ["predict", "mails.engraft", "win a free prize now and then go home again"];
      expect((await engraft(predict, { cwd: folder })).code).toBe(0);
    },
  );

  it("learns with the views that it has where it can be read at one value only", async () => {
    const folder = await imageFolder("resnet-torchscript-17");
    const node = (operator: string, inputs: string[], output: string) =>
      createNode(operator, inputs, [output]);
    const graph = createGraph({
      nodes: [
        node("Conv", ["x", "w"], "map"),
        node("GlobalAveragePool", ["map"], "pooled"),
        node("Flatten", ["pooled"], "features"),
        node("MatMul", ["features", "v"], "y"),
      ],
      inputs: [valueInfo("x", "float32", ["N", 3, 32, 32])],
      outputs: [valueInfo("y", "float32")],
      initializers: [
        [
          "w",
          tensorOf(
            "float32",
            [4, 3, 3, 3],
            Array.from({ length: 108 }, (_, i) => Math.sin(i)),
          ),
        ],
        ["v", tensorOf("float32", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8])],
      ],
    });
    await writeFile(join(folder, "model.onnx"), encodeModel(createModel({ graph })));
    const [base, preprocess] = ["model.onnx", "small.json"].map((file) => join(folder, file));
    const warnings: string[] = [];
    const trained = await train(join(folder, "data"), {
      base: base!,
      preprocess: preprocess!,
      cache: false,
      onWarning: (message) => warnings.push(message),
    });
    await trained.close();
    const views = trained.manifest.head.views.map(({ name }) => name);
    expect(views).toEqual(["last", "last-standard"]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /read at 1 of its values only \(features\).*blocks, block-late, block-middle/,
      ),
    ]);
    const options = { bases: [base!], preprocess: preprocess!, cache: false };
    const [ranked] = await selectBase(join(folder, "data"), options);
    expect(ranked!.layers.map(({ name }) => name)).toEqual(["features"]);
    expect(ranked!.stack.accuracy).toBeGreaterThanOrEqual(0);
  });

  it("is known by its content: changed or gone, the task says so", async () => {
    const folder = await imageFolder("resnet-torchscript-17");
    const base = join(folder, "model.onnx");
    const output = join(folder, "task");
    const config = { base, preprocess: join(folder, "small.json"), views: "last" } as const;
    await (await train(join(folder, "data"), { ...config, output, cache: false })).close();
    await rename(base, `${base}.moved`);
    await expect(loadTask(output)).rejects.toThrow(
      /base model .*model\.onnx cannot be read: it is missing/,
    );
    await writeFile(base, await fixture("convnext-torchscript-17"));
    await expect(loadTask(output)).rejects.toThrow(IntegrityError);
    await rename(`${base}.moved`, base);
    await (await loadTask(output)).close();
  });

  it("keeps in the task what was bound, and is another base when that changes", async () => {
    const folder = await imageFolder("resnet-torchscript-17");
    const base = join(folder, "switched.onnx");
    await writeFile(base, switchedModel());
    const output = join(folder, "task");
    const bind = [{ name: "rate", values: [16000] }];
    const config = { base, preprocess: join(folder, "small.json"), bind };
    const trained = await train(join(folder, "data"), { ...config, output, cache: false });
    const input = join(folder, "data/lie/0.png");
    const prediction = await trained.predict([input]);
    await trained.close();
    const task = await loadTask(output);
    expect(task.manifest.config.bind).toEqual(bind);
    expect(await task.predict([input])).toEqual(prediction);
    await task.close();
    const exported = join(folder, "exported");
    expect((await engraftHere(["export", output, "--onnx", exported])).code).toBe(0);
    const { graph } = decodeModel(await readFile(join(exported, "model.onnx")));
    expect(graph.inputs).toHaveLength(1);
    expect(graph.nodes.map(({ opType }) => opType)).not.toContain("If");

    const manifest = JSON.parse(await readFile(join(output, "task.json"), "utf8"));
    manifest.config.bind[0].values = [8000];
    await writeFile(join(output, "task.json"), JSON.stringify(manifest));
    await expect(loadTask(output)).rejects.toMatchObject({ code: "base/altered" });
  });

  it("is ranked and trained with --bind, and refused without", async () => {
    const folder = await imageFolder("resnet-torchscript-17");
    await writeFile(join(folder, "switched.onnx"), switchedModel());
    const [base, preprocess, data] = ["switched.onnx", "small.json", "data"].map((file) =>
      join(folder, file),
    ) as [string, string, string];
    const asked = ["--preprocess", preprocess, "--no-cache", "--json"];
    const ranking = ["rank", data, "--bases", base, ...asked];
    const ranked = await engraftHere([...ranking, "--bind", "rate=16000"]);
    expect(ranked.code).toBe(0);
    expect(JSON.parse(ranked.stdout)).toMatchObject([{ base }]);
    const training = ["train", data, "--base", base, ...asked];
    for (const [parameters, message] of [
      [ranking, /rate int64/],
      [[...training, "--bind", "rat=1"], /no input and no size "rat"/],
      [["train", data, "--bind", "rate=1"], /has no inputs to bind/],
      [["rank", data, "--bind", "rate=1"], /None of the bases is an ONNX file/],
    ] as const) {
      const { code, stderr } = await engraftHere([...parameters]);
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
    }
  });

  it("is trained further by its layers on raw examples", async () => {
    const folder = await imageFolder("resnet-torchscript-17");
    const base = await loadModel(join(folder, "model.onnx"), {
      preprocess: join(folder, "small.json"),
    });
    base.trainable = false;
    const model = base.cut("features").append([layers.dense(2, { name: "predictions" })]);
    const dataset = await readDataset(join(folder, "data"));
    const { history } = await fit(model, dataset, { epochs: 4, learningRate: 0.05, seed: 1 });
    expect(history.at(-1)!.training.loss).toBeLessThan(history[0]!.training.loss);
  });
});

describe("an export with a batch of one", () => {
  /** The model as an exporter without dynamic axes writes it. */
  async function fixedBatch(name: string): Promise<Uint8Array> {
    const model = decodeModel(await fixture(name));
    return encodeModel(normalize(inferTypes(model, { dims: { batch: 1 } })));
  }

  it.each(["resnet-torchscript-17", "mobilenet-v3-torchscript-13", "convnext-torchscript-17"])(
    "takes any batch where nothing but the shapes says otherwise: %s",
    async (name) => {
      const folder = await writeFiles({ "model.onnx": await fixedBatch(name) });
      const model = await loadModel(join(folder, "model.onnx"));
      expect(model.inputs[0]!.type.shape![0]).toBe("batch");
      expect(model.output.type.shape).toEqual(["batch", 5]);
    },
  );

  it("is refused as a base where its size is part of the graph", async () => {
    const bytes = await fixedBatch("vit-torchscript-14");
    const folder = await writeFiles({ "model.onnx": bytes, "small.json": SMALL_IMAGES });
    const model = await loadModel(join(folder, "model.onnx"));
    expect(model.inputs[0]!.type.shape![0]).toBe(1);
    const data = join(await imageFolder("resnet-torchscript-17"), "data");
    const config = { base: join(folder, "model.onnx"), preprocess: join(folder, "small.json") };
    await expect(train(data, { ...config, cache: false })).rejects.toThrow(
      /batches of 1 only.*Export it again/,
    );
  });
});

describe("what cannot be a base is refused, with what to do", () => {
  it.each([
    [["--base", "model.onnx"], /not known how .*preprocess.*"kind": "image"/s],
    [["--base", "model.onnx", "--preprocess", "imagenet"], /float32\[batch, 3, 224, 224\].*32, 32/],
    [["--base", "model.onnx", "--preprocess", "none.json"], /neither a kind of preprocessing/],
    [["--base", "./gone.onnx", "--preprocess", "imagenet"], /gone\.onnx cannot be read/],
    [["--base", "minilm"], /no base model "minilm"/],
    [["--preprocess", "imagenet"], /says itself how its inputs are prepared/],
  ])("%j", async (parameters, message) => {
    const folder = await imageFolder("resnet-torchscript-17");
    const absolute = parameters.map((part) => (part.endsWith("onnx") ? join(folder, part) : part));
    const result = await engraftHere(["train", join(folder, "data"), "--no-cache", ...absolute]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(message);
  });
});
