import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  evaluate,
  fit,
  layers,
  loadModel,
  type Model,
  type ModelTrainingData,
  readDataset,
  saveModel,
} from "../../dist/index.js";
import { writeFiles, writeImages } from "../support.js";

/** Copies of the values of all weights. */
function valuesOf(model: Model): Map<string, Float32Array> {
  return new Map(model.weights.map(({ name, data }) => [name, data.slice()]));
}

/** Names of the weights whose values are not bit for bit what they were. */
function changed(model: Model, before: ReadonlyMap<string, Float32Array>): string[] {
  const bits = (data: Float32Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return model.weights
    .filter(({ name, data }) => !bits(data).equals(bits(before.get(name)!)))
    .map(({ name }) => name);
}

describe("the shipped bases", () => {
  it("minilm-l6 is trained and measured on rows, and on a file", async () => {
    const base = await loadModel("minilm-l6");
    base.trainable = false;
    const rows = [
      ["the invoice is wrong", "billing"],
      ["charged twice", "billing"],
      ["the app crashes", "support"],
      ["cannot log in", "support"],
    ] as const;
    const settings = { epochs: 12, learningRate: 0.02, seed: 1 };
    const train = async (data: ModelTrainingData) => {
      const model = base.cut("features").append([layers.dense(2)], { seed: 1 });
      return { model, ...(await fit(model, data, settings)) };
    };
    const { model, history } = await train(rows);
    expect(history.at(-1)!.training.loss).toBeLessThan(history[0]!.training.loss / 2);
    expect((await evaluate(model, rows)).accuracy).toBe(1);
    const csv = ["text,label", ...rows.map((row) => row.join(","))].join("\n");
    const file = join(await writeFiles({ "tickets.csv": csv }), "tickets.csv");
    expect((await train(file)).history).toEqual(history);
    await expect(fit(model, [["a text without a label"]] as never, settings)).rejects.toThrow();
  });

  it("efficientnet-lite0 is trained on a data set by its new layers, saved and loaded again", async () => {
    const dataset = await readDataset(await writeImages());
    const base = await loadModel("efficientnet-lite0");
    base.trainable = false;
    const frozen = valuesOf(base);
    const model = base
      .cut("features")
      .append([layers.dropout(0.2), layers.dense(2, { name: "predictions" })]);
    expect(model.trainableWeights.map(({ name, shape }) => [name, shape])).toEqual([
      ["predictions.weight", [1280, 2]],
      ["predictions.bias", [2]],
    ]);
    const { history } = await fit(model, dataset, { epochs: 8, learningRate: 3e-3, seed: 1 });
    expect(changed(base, frozen)).toEqual([]);
    expect(history.at(-1)!.training.loss).toBeLessThan(history[0]!.training.loss / 2);
    const path = join(await writeFiles({}), "cats.onnx");
    await saveModel(model, path);
    const saved = await loadModel(path);
    expect(changed(saved, valuesOf(model))).toEqual([]);
    expect(saved.layer("blocks.6").path).toBe(base.layer("blocks.6").path);
    expect((await readFile(path)).equals(model.toOnnx())).toBe(true);
  });
});
