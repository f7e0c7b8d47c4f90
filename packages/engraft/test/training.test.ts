import {
  augmentationPresets,
  type FitExamples,
  fitConfigSchema,
  fitModel,
  type ImageChanges,
  type ImagePreprocessing,
  layers,
  Model,
  type OpenStepEngine,
  ortRuntime,
  StepRunner,
} from "@engraft/core";
import { prepareImage } from "@engraft/core/images";
import { createGraph, createModel, tensorOf, valueInfo } from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
// The compiled file, because threads load their own compiled code from beside it.
import { createNodeHost } from "../dist/host/node-host.js";

const platform = createNodeHost({ threads: 2 });
afterAll(() => platform.close());

describe("a training thread", () => {
  const x = Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const train = {
    inputs: { input: tensorOf("float32", [8, 3], x) },
    targets: tensorOf("int64", [8], [0, 1, 0, 1, 1, 0, 1, 0]),
  };
  const examples: FitExamples = { train, val: train };
  const config = fitConfigSchema.parse({ epochs: 3, batchSize: 4, learningRate: 0.1 });

  async function trained(openStepEngine: OpenStepEngine): Promise<unknown> {
    const model = Model.sequential(
      [3],
      [
        layers.dense(4, { name: "inner", activation: "relu" }),
        layers.batchNorm({ name: "norm" }),
        layers.dense(2, { name: "outer" }),
      ],
    );
    const parts = { ...platform, openStepEngine };
    const result = await fitModel(model, examples, config, parts, { threads: 1 });
    return { result, weights: model.weights.map(({ name, data }) => [name, data]) };
  }

  it("makes the bits that this thread makes", async () => {
    const here = ortRuntime(ort);
    const expected = await trained((...all) => StepRunner.open(here, ...all));
    expect(await trained(platform.openStepEngine)).toEqual(expected);
  });

  it("hands errors over", async () => {
    const ids = valueInfo("ids", "int64", ["batch", 3]);
    const graph = createGraph({ nodes: [], inputs: [ids], outputs: [ids] });
    const table = layers.embedding(4, 2);
    const model = Model.fromOnnx(createModel({ graph, opset: 21, irVersion: 10 })).append([
      table,
      layers.flatten(),
      layers.dense(2),
    ]);
    const unknown = { ...train, inputs: { ids: tensorOf("int64", [8, 3], new Array(24).fill(9)) } };
    const failed = fitModel(model, { train: unknown }, config, platform);
    await expect(failed).rejects.toThrow(/out of (bounds|data bounds)/);
  });
});

describe("compute threads", () => {
  const spec: ImagePreprocessing = {
    kind: "image",
    resize: { mode: "exact", size: 8, filter: "bilinear" },
    mean: [127, 127, 127],
    std: [128, 128, 128],
    layout: "nchw",
  };
  const width = 20;
  const height = 14;
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 97 + (i >> 4)) % 256);

  it("change images as their seed, epoch and position say", async () => {
    const file = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    const all = [0, 1, 2, 3].map((example): ImageChanges => {
      return { augmentation: augmentationPresets.strong, seed: 5, epoch: example % 2, example };
    });
    const changed = await Promise.all(
      all.map((changes) => platform.prepareImage(file, spec, { changes })),
    );
    for (const [i, changes] of all.entries()) {
      const decoded = async () => ({ width, height, data });
      expect(changed[i]).toEqual(await prepareImage(file, spec, decoded, { changes }));
    }
    const { pixels } = await platform.prepareImage(file, spec);
    for (const one of changed) expect(one.pixels).not.toEqual(pixels);
  });
});
