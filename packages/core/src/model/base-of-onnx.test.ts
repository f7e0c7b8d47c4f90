import { createHash } from "node:crypto";
import { cut, decodeModel, encodeModel, valueInfo } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { difference, outputOf, readFixture } from "../../test/models.js";
import { UsageError } from "../errors.js";
import type { Preprocessing } from "../preprocess/spec.js";
import { baseOfOnnx } from "./base-of-onnx.js";
import { preparationFor } from "./edit/preparation.js";
import { Model } from "./model.js";

const IMAGES: Preprocessing = {
  kind: "image",
  resize: { mode: "exact", size: 32, filter: "bilinear" },
  mean: [0, 0, 0],
  std: [1, 1, 1],
  layout: "nchw",
};

const TEXTS: Preprocessing = {
  kind: "text",
  tokenizer: "tokenizer.json",
  maxTokens: 256,
  padTokenId: 0,
  positions: 512,
};

const platform = {
  sha256: (data: Uint8Array | string) =>
    Promise.resolve(createHash("sha256").update(data).digest("hex")),
};

function baseOf(name: string, preprocessing = IMAGES) {
  const model = decodeModel(readFixture(name).bytes);
  const parts = { id: "net.onnx", model, preprocessing, tokenizer: () => undefined, files: {} };
  return baseOfOnnx(parts, platform);
}

describe("the taps that are found", () => {
  it.each([
    [
      "resnet-torchscript-17",
      "layer1:map4 layer2:map8 layer3:map16 layer4:map32 features:vector32",
    ],
    [
      "vit-torchscript-14",
      "encoder.layers.encoder_layer_0:tokens32 encoder.layers.encoder_layer_1:tokens32 features:vector32",
    ],
    [
      "swin-dynamo-18",
      "features.0:map8 features.1:map8 features.2:map16 features.3:map16 features:vector16",
    ],
    [
      "bert-dynamo-18",
      "model.bert.encoder.layer.0:tokens32 model.bert.encoder.layer.1:tokens32 features:vector32",
    ],
    [
      "llama-dynamo-18",
      "model.model.layers.0:tokens32 model.model.layers.1:tokens32 features:tokens32",
    ],
  ])("%s", async (name, expected) => {
    const { inputs } = Model.fromOnnx(readFixture(name).bytes);
    const { spec } = await baseOf(name, inputs.length > 1 ? TEXTS : IMAGES);
    const found = spec.taps.map((tap) => `${tap.name}:${tap.kind}${tap.width}`);
    expect(found.join(" ")).toBe(expected);
  });

  it("have maps with their channels first, as they are pooled", async () => {
    const { inputs, bytes } = readFixture("swin-dynamo-18");
    const base = await baseOf("swin-dynamo-18");
    const { value } = base.spec.taps[1]!;
    const first = await outputOf(encodeModel(cut(base.model, [value])), inputs);
    const last = await outputOf(Model.fromOnnx(bytes).cut("features.1"), inputs);
    const [batch = 0, height = 0, width = 0, channels = 0] = last.dims;
    expect(first.dims).toEqual([batch, channels, height, width]);
    const moved = (last.data as Float32Array).slice();
    (last.data as Float32Array).forEach((number, at) => {
      const [place, channel] = [Math.floor(at / channels), at % channels];
      const [example, cell] = [Math.floor(place / (height * width)), place % (height * width)];
      moved[(example * channels + channel) * height * width + cell] = number;
    });
    expect(difference(first, { ...last, dims: first.dims, data: moved } as typeof first)).toBe(0);
  });

  it("can be cut at by name", () => {
    const model = Model.fromOnnx(readFixture("resnet-torchscript-17").bytes);
    expect(model.cut("features").output.type.shape).toEqual(["batch", 32]);
    expect(model.cut("layer4").output.type.shape).toEqual(["batch", 32, 1, 1]);
  });
});

describe("inputs by convention", () => {
  const ids = valueInfo("input_ids", "int64", ["batch", "length"]);
  const mask = valueInfo("attention_mask", "int64", ["batch", "length"]);

  it("are found by the names of transformers", () => {
    const { inputs, preprocessing } = preparationFor([mask, ids], TEXTS, () => undefined);
    expect(inputs).toEqual({ ids: "input_ids", mask: "attention_mask", types: undefined });
    expect(preprocessing).toBe(TEXTS);
  });

  it("of one length are padded to it", () => {
    const fixed = [valueInfo("input_ids", "int64", ["batch", 12])];
    const { preprocessing } = preparationFor(fixed, TEXTS, () => undefined);
    expect(preprocessing).toMatchObject({ maxTokens: 12, positions: 12, padTo: 12 });
  });

  it.each([
    ["another input", [ids, valueInfo("pixel_values", "float32", ["batch", 3, 8, 8])], TEXTS],
    ["no ids", [mask], TEXTS],
    ["ids of another type", [valueInfo("input_ids", "int32", ["batch", "length"])], TEXTS],
    ["another size", [valueInfo("x", "float32", ["batch", 3, 64, 64])], IMAGES],
    ["channels last", [valueInfo("x", "float32", ["batch", 32, 32, 3])], IMAGES],
    ["whole numbers", [valueInfo("x", "uint8", ["batch", 3, 32, 32])], IMAGES],
    ["two inputs", [valueInfo("x", "float32", ["batch", 3, 32, 32]), mask], IMAGES],
  ])("with %s are refused", (_, inputs, preprocessing) => {
    expect(() => preparationFor(inputs, preprocessing, () => undefined)).toThrow(UsageError);
  });
});
