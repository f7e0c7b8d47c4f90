import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  compileTrainingStep,
  findLearningRate,
  fit,
  layers,
  loadModel,
  Model,
  readDataset,
  transferWeights,
  UsageError,
} from "../dist/index.js";
import { writeFiles, writeMails } from "./support.js";

/** Numbers between -1 and 1 that look random. */
function numbers(dims: readonly number[], seed = 1) {
  let state = seed;
  const count = dims.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (2 * state) / 2 ** 32 - 1;
  });
  return { dtype: "float32", dims, data } as const;
}

/** 24 examples of 4 numbers each, of the class that the first of them tells. */
function examples() {
  const inputs = numbers([24, 4]);
  const classes = Array.from({ length: 24 }, (_, row) => (inputs.data[4 * row]! > 0 ? 1n : 0n));
  const data = BigInt64Array.from(classes);
  return { inputs: { input: inputs }, targets: { dtype: "int64", dims: [24], data } as const };
}

function perceptron(classes = 2): Model {
  return Model.sequential(
    [4],
    [
      layers.dense(6, { name: "below", activation: "tanh" }),
      layers.batchNorm({ name: "norm" }),
      layers.dense(classes, { name: "above" }),
    ],
  );
}

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

const options = { epochs: 3, batchSize: 8, learningRate: 0.05, seed: 1 } as const;

describe("training", () => {
  it("moves trainable weights, and the statistics of a trainable batch norm in the forward pass", async () => {
    const model = perceptron();
    const before = valuesOf(model);
    const { history } = await fit(model, { train: examples() }, options);
    expect(changed(model, before)).toEqual(model.weights.map(({ name }) => name));
    expect(model.nonTrainableWeights.map(({ name }) => name)).toEqual([
      "norm.running_mean",
      "norm.running_var",
    ]);
    expect(history.at(-1)!.training.loss).toBeLessThan(history[0]!.training.loss);
  });

  it("leaves frozen weights and frozen statistics bit-identical", async () => {
    const model = perceptron();
    model.freezeUpTo("norm");
    const before = valuesOf(model);
    await fit(model, { train: examples() }, options);
    expect(changed(model, before)).toEqual(["above.weight", "above.bias"]);
  });

  it("finds a learning rate on a copy of the weights", async () => {
    const model = perceptron();
    const before = valuesOf(model);
    const found = await findLearningRate(model, { train: examples() }, { batchSize: 8, steps: 40 });
    expect(changed(model, before)).toEqual([]);
    expect(found.losses).toHaveLength(found.learningRates.length);
    expect(found.suggestion).toBeGreaterThan(1e-5);
    expect(found.suggestion).toBeLessThan(1);
    await expect(
      findLearningRate(model, { train: examples() }, { start: 1, end: 0.1 }),
    ).rejects.toThrow(UsageError);
  });

  it("goes on from layers that were taken, then from those that are unfrozen", async () => {
    const base = perceptron();
    await fit(base, { train: examples() }, options);
    base.trainable = false;
    const learned = valuesOf(base);
    const model = base.cut("norm").append([layers.dense(2, { name: "predictions" })]);
    await fit(model, { train: examples() }, options);
    expect(changed(base, learned)).toEqual([]);
    model.layer("below").trainable = true;
    await fit(model, { train: examples() }, { ...options, epochs: 1 });
    expect(changed(base, learned)).toEqual(["below.weight", "below.bias"]);
  });

  it("goes on from weights, biases and statistics that were carried over", async () => {
    const from = perceptron();
    await fit(from, { train: examples() }, options);
    const to = perceptron(3);
    const report = transferWeights(from, to);
    expect(report.matched).toHaveLength(6);
    expect(report.mismatched.map(({ name }) => name)).toEqual(["above.weight", "above.bias"]);
    for (const name of report.matched) {
      const [a, b] = [from, to].map(
        (model) => model.weights.find((weight) => weight.name === name)!,
      );
      expect(b!.data).toEqual(a!.data);
    }
    const before = valuesOf(to);
    to.layer("below").trainable = false;
    await fit(to, { train: examples() }, options);
    expect(changed(to, before)).toEqual(to.weights.map(({ name }) => name).slice(2));
  });

  it("trains low-rank weights alone, and what is saved has them in it", async () => {
    const model = perceptron();
    model.trainable = false;
    const adapted = model.addLora({ rank: 2 });
    const before = valuesOf(adapted);
    await fit(adapted, { train: examples() }, options);
    expect(changed(adapted, before).every((name) => /_lora_[ab]$/.test(name))).toBe(true);
    const saved = Model.fromOnnx(adapted.toOnnx());
    expect(saved.weights.map(({ name }) => name)).toEqual(model.weights.map(({ name }) => name));
    expect(changed(saved, before)).toEqual(["below.weight", "above.weight"]);
  });

  it("gives the loss and the gradients by name", async () => {
    const model = perceptron();
    model.layer("below").trainable = false;
    const step = await compileTrainingStep(model, { loss: "cross-entropy" });
    const { loss, gradients } = await step.valueAndGrad(examples());
    expect(loss).toBeGreaterThan(0);
    expect([...gradients.keys()].sort()).toEqual([
      "above.bias",
      "above.weight",
      "norm.bias",
      "norm.weight",
    ]);
    await step.apply(gradients, { learningRate: 1e-3 });
    await step.close();
    await expect(step.evaluate(examples())).rejects.toThrow(/was closed/);
  });

  it("refuses a model in which nothing is trainable", async () => {
    const model = perceptron();
    model.trainable = false;
    await expect(fit(model, { train: examples() }, options)).rejects.toThrow(UsageError);
  });
});

describe("the shipped bases", () => {
  it("minilm-l6 has its layers, and freezes what was frozen", async () => {
    const base = await loadModel("minilm-l6");
    expect(base.layers.map(({ path }) => path)).toEqual(["embeddings", "encoder"]);
    expect(base.layer("encoder.layer").children).toHaveLength(6);
    expect(base.output).toMatchObject({ type: { shape: ["batch", 384] } });
    expect(base.cut("block.3").output.type.shape).toEqual(["batch", "length", 384]);
    expect(base.cut("encoder.layer.2").output.type.shape).toEqual(["batch", "length", 384]);
    base.freezeUpTo("encoder.layer.4");
    expect(base.trainableWeights.every(({ name }) => name.startsWith("encoder.layer.5."))).toBe(
      true,
    );
    expect(base.trainableWeights).toHaveLength(16);
    expect(base.summary().weights).toBe(22_564_608);
  });

  it("are named where there is no such base or file", async () => {
    await expect(loadModel("minilm")).rejects.toThrow(
      /"minilm" is neither a base model \(minilm-l6, minilm-l6-int8, efficientnet-lite0, efficientnet-lite0-int8\) nor a file/,
    );
  });

  it("take raw examples where a file does not say how, only with preprocess", async () => {
    const folder = await writeFiles({ "net.onnx": perceptron().toOnnx() });
    const model = await loadModel(join(folder, "net.onnx"));
    const data = await readDataset(join(await writeMails(), "mails.csv"));
    await expect(fit(model, data, options)).rejects.toThrow(/Load it with `preprocess`/);
  });
});
