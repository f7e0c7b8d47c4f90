import { createHash } from "node:crypto";
import {
  createGraph,
  createModel,
  createNode,
  inferTypes,
  type Tensor,
  valueInfo,
} from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import type { BaseModel } from "../src/bases/base.js";
import type { BaseSpec } from "../src/bases/spec.js";
import type { Input } from "../src/dataset/dataset.js";
import { DataError } from "../src/errors.js";
import { plainLinearAlgebra } from "../src/math/plain-linear-algebra.js";
import type { Platform } from "../src/platform.js";
import { COLOR_HISTOGRAM_BINS } from "../src/preprocess/image/histogram.js";
import { ortRuntime } from "../src/runtime/ort.js";

/** Bases of a few hundred weights: what is built on a base can be tested in milliseconds. */

/** Weights that look random and are the same every time. */
function weights(seed: number, ...dims: number[]): Tensor<"float32"> {
  let state = seed;
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return 2 * (state / 2 ** 32) - 1;
  });
  return { dtype: "float32", dims, data };
}

function base(
  spec: Pick<BaseSpec, "id" | "modality" | "inputs" | "preprocessing" | "taps">,
  model: BaseModel["model"],
  tokenizer: unknown,
): BaseModel {
  return {
    spec: {
      schemaVersion: 1,
      title: spec.id,
      license: "none",
      source: "none",
      files: {},
      model: "model.onnx",
      ...spec,
    },
    digest: createHash("sha256").update(spec.id).digest("hex"),
    model: inferTypes(model),
    tokenizer: () => tokenizer,
  };
}

/** Images of 4 x 4 pixels; two blocks (16 channels each) and a vector of 24 features. */
export const imageBase: BaseModel = base(
  {
    id: "tiny-images",
    modality: "image",
    inputs: { pixels: "pixels" },
    preprocessing: {
      kind: "image",
      resize: { mode: "exact", size: 4, filter: "bilinear" },
      mean: [0, 0, 0],
      std: [1, 1, 1],
      layout: "nchw",
    },
    taps: [
      { name: "block.1", value: "b1", kind: "map", width: 16 },
      { name: "block.2", value: "b2", kind: "map", width: 16 },
      { name: "features", value: "f", kind: "vector", width: 24 },
    ],
  },
  createModel({
    graph: createGraph({
      nodes: [
        createNode("Conv", ["pixels", "w1"], ["c1"], { strides: [2, 2] }),
        createNode("Relu", ["c1"], ["b1"]),
        createNode("Conv", ["b1", "w2"], ["c2"]),
        createNode("Relu", ["c2"], ["b2"]),
        createNode("GlobalAveragePool", ["b2"], ["p"]),
        createNode("Flatten", ["p"], ["v"], { axis: 1 }),
        createNode("MatMul", ["v", "w3"], ["f"]),
      ],
      initializers: [
        ["w1", weights(1, 16, 3, 2, 2)],
        ["w2", weights(2, 16, 16, 1, 1)],
        ["w3", weights(3, 16, 24)],
      ],
      inputs: [valueInfo("pixels", "float32", ["batch", 3, 4, 4])],
      outputs: [valueInfo("f", "float32", ["batch", 24])],
    }),
  }),
  undefined,
);

const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "free", "money", "win", "tea", "walk", "rain"];

/** Texts of the few words above; embeddings and one block, 8 channels each. */
export const textBase: BaseModel = base(
  {
    id: "tiny-texts",
    modality: "text",
    inputs: { ids: "ids", mask: "mask" },
    preprocessing: {
      kind: "text",
      tokenizer: "tokenizer.json",
      maxTokens: 16,
      padTokenId: 0,
      positions: 512,
    },
    taps: [
      { name: "embeddings", value: "e", kind: "tokens", width: 8 },
      { name: "block.1", value: "t", kind: "tokens", width: 8 },
    ],
  },
  createModel({
    graph: createGraph({
      nodes: [
        createNode("Gather", ["table", "ids"], ["e"]),
        createNode("MatMul", ["e", "w"], ["m"]),
        createNode("Tanh", ["m"], ["t"]),
        // The mask belongs to the graph, as in a real encoder; here it only passes by.
        createNode("Identity", ["mask"], ["seen"]),
      ],
      initializers: [
        ["table", weights(4, words.length, 8)],
        ["w", weights(5, 8, 8)],
      ],
      inputs: [
        valueInfo("ids", "int64", ["batch", "token"]),
        valueInfo("mask", "int64", ["batch", "token"]),
      ],
      outputs: [valueInfo("t", "float32", ["batch", "token", 8])],
    }),
  }),
  {
    version: "1.0",
    added_tokens: words.slice(0, 4).map((content, id) => ({
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: { type: "BertNormalizer", clean_text: true, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
        "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] },
      },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
  },
);

/** An image "file": its 48 values, as bytes, red first; missing ones are 0. One that begins with 255 cannot be decoded. */
export function imageOf(...values: number[]): Input & { readonly kind: "image" } {
  return { kind: "image", read: () => Promise.resolve(Uint8Array.from(values)) };
}

export const brokenImage: Input = imageOf(255);

/** A platform on the calling thread that counts what it decodes and how often it runs a model. */
export function countingPlatform(): Platform & { decoded: number; runs: number } {
  const runtime = ortRuntime(ort);
  const platform = {
    decoded: 0,
    runs: 0,
    runtime: {
      concurrency: 2,
      createSession: async (...parameters: Parameters<typeof runtime.createSession>) => {
        const session = await runtime.createSession(...parameters);
        return {
          ...session,
          run: (feeds: Parameters<typeof session.run>[0]) => {
            platform.runs += 1;
            return session.run(feeds);
          },
        };
      },
    },
    linearAlgebra: plainLinearAlgebra,
    sha256: (data: Uint8Array | string) =>
      Promise.resolve(createHash("sha256").update(data).digest("hex")),
    prepareImage: async (file: Uint8Array) => {
      platform.decoded += 1;
      if (file[0] === 255) throw new DataError("data/unreadable", "the image cannot be decoded");
      const colorHistogram = new Float32Array(COLOR_HISTOGRAM_BINS);
      colorHistogram[file[0]! % COLOR_HISTOGRAM_BINS] = 1;
      return { pixels: Float32Array.from({ length: 48 }, (_, i) => file[i] ?? 0), colorHistogram };
    },
  };
  return platform;
}
