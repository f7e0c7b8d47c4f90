import { readdirSync } from "node:fs";
import { decodeModel, type Tensor } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { difference, outputOf, readFixture } from "../../test/models.js";
import { Model } from "./model.js";

const FIXTURES = readdirSync(new URL("../../../../conformance/fixtures/", import.meta.url)).filter(
  (name) => name !== "parity",
);

/** Parameters of which the file has neither the name nor a sibling, and what they are called here. */
const RENAMED: Readonly<Record<string, RegExp>> = {
  "swin-dynamo-18": /relative_position_bias_table$/,
};

describe.each(FIXTURES)("%s", (name) => {
  const fixture = readFixture(name);
  const model = Model.fromOnnx(fixture.bytes);

  it("has the parameters of PyTorch under their names, with their values", () => {
    const { initializers } = decodeModel(fixture.bytes).graph;
    const weights = new Map(model.weights.map((weight) => [weight.name, weight]));
    for (const { torch, onnx } of fixture.weights) {
      if (RENAMED[name]?.test(torch)) continue;
      const weight = weights.get(torch);
      const original = initializers.get(onnx) as Tensor<"float32">;
      expect(weight?.kind, torch).toBe("parameter");
      // Adding ones in front, as exporters do, leaves the order of the values.
      expect(weight!.data, torch).toEqual(original.data);
    }
  });

  it("has few weights that PyTorch has not", () => {
    const known = new Set(fixture.weights.map(({ torch }) => torch));
    const extra = model.weights.filter(
      (weight) => weight.kind === "parameter" && !known.has(weight.name),
    );
    const renamed = fixture.weights.filter(({ torch }) => RENAMED[name]?.test(torch));
    expect(extra).toHaveLength(renamed.length);
  });

  it("gives PyTorch's output, saved as ONNX, and then has the same layers", async () => {
    const saved = model.toOnnx();
    expect(difference(await outputOf(saved, fixture.inputs), fixture.output)).toBeLessThan(1e-4);
    const again = Model.fromOnnx(saved);
    expect(again.architecture()).toEqual(model.architecture());
    expect(again.saveWeights()).toEqual(model.saveWeights());
  });

  it("knows the output shape of every layer", () => {
    const shapes = model.summary().rows.map(({ layer, outputShape }) => [layer, outputShape]);
    expect(shapes.filter(([, shape]) => shape === undefined)).toEqual([]);
  });
});

describe("the layers of an export", () => {
  const shapeOf = (name: string, layer: string) =>
    Model.fromOnnx(readFixture(name).bytes).cut(layer).output.type.shape;

  it.each([
    ["resnet-torchscript-17", "layer2", ["batch", 8, 4, 4]],
    ["resnet-torchscript-17", "layer1.0.bn1", ["batch", 4, 8, 8]],
    ["mobilenet-v3-torchscript-13", "features.2", ["batch", 16, 4, 4]],
    ["convnext-torchscript-17", "features.1.0", ["batch", 8, 8, 8]],
    ["bert-dynamo-18", "encoder.layer.0", ["batch", 12, 32]],
    ["bert-dynamo-18", "encoder.layer.1.attention.self.query", ["batch", 12, 32]],
    ["bert-eager-torchscript-11", "encoder.layer.1", ["batch", 12, 32]],
    ["vit-torchscript-14", "encoder.layers.encoder_layer_0", ["batch", 17, 32]],
    ["llama-dynamo-18", "layers.1", ["batch", 12, 32]],
    ["swin-dynamo-18", "features.3.1", ["batch", 4, 4, 16]],
  ])("%s has %s with the output %j", (name, layer, shape) => {
    expect(shapeOf(name, layer)).toEqual(shape);
  });

  it("give together what the model gives", async () => {
    const { bytes, inputs, output } = readFixture("resnet-torchscript-17");
    const model = Model.fromOnnx(bytes);
    const layer4 = await outputOf(model.cut("layer4"), inputs);
    const [rows = 0, channels = 0] = layer4.dims;
    // 1 x 1 cells: pooling is a reshape, and what is left is the classifier.
    const pooled = layer4.data as Float32Array;
    const [weight, bias] = ["fc.weight", "fc.bias"].map(
      (name) => model.weights.find((candidate) => candidate.name === name)!,
    );
    const logits = Float32Array.from({ length: rows * bias!.size }, (_, index) => {
      const [row, unit] = [Math.floor(index / bias!.size), index % bias!.size];
      let sum = bias!.data[unit]!;
      for (let i = 0; i < channels; i++) {
        sum += pooled[row * channels + i]! * weight!.data[unit * channels + i]!;
      }
      return sum;
    });
    const result: Tensor = { dtype: "float32", dims: output.dims, data: logits };
    expect(difference(result, output)).toBeLessThan(1e-4);
  });
});
