import { createNode, type Model as OnnxModel } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { FLAT, MODULES, type StemNames, stemNetwork } from "../../../test/stem-network.js";
import { config, floats, integers, testPlatform } from "../../../test/training-networks.js";
import * as layers from "../../layers/index.js";
import type { Platform } from "../../platform.js";
import { fitModel } from "../../train/model/fit-model.js";
import { Model } from "../model.js";

const train = { inputs: { x: floats(9, 8, 3, 16, 16) }, targets: integers(10, 2, 8) };

async function losses(model: Model): Promise<number[]> {
  const settings = config({ epochs: 3, batchSize: 4, learningRate: 0.05 });
  const platform = testPlatform() as Platform & ReturnType<typeof testPlatform>;
  const { history } = await fitModel(model, { train }, settings, platform);
  return history.map(({ training }) => training.loss);
}

/** Copies of all weights. */
const valuesOf = (model: Model) =>
  new Map(model.weights.map(({ name, data }) => [name, data.slice()]));

function changed(model: Model, before: ReadonlyMap<string, Float32Array>): string[] {
  return model.weights
    .filter(({ name, data }) => !data.every((value, i) => Object.is(value, before.get(name)![i])))
    .map(({ name }) => name);
}

/** New layers on a base that is frozen. */
function headOn(names: StemNames): Model {
  const base = Model.fromOnnx(stemNetwork(names));
  base.trainable = false;
  return base.cut("features").append([layers.dense(2, { name: "predictions" })], { seed: 1 });
}

const weight = (model: Model, name: string) =>
  model.weights.find((candidate) => candidate.name === name)!;

/** The network without scale and shift: constants of ones and zeros stand for them. */
function withoutAffine(): OnnxModel {
  const model = stemNetwork(MODULES);
  const initializers = new Map(model.graph.initializers);
  const fill = (value: number) =>
    ({ dtype: "float32", dims: [8], data: new Float32Array(8).fill(value) }) as const;
  initializers.delete(MODULES.scale);
  initializers.delete(MODULES.shift);
  initializers.set("onnx::BatchNormalization_1", fill(1));
  initializers.set("onnx::BatchNormalization_2", fill(0));
  const nodes = model.graph.nodes.map((node) =>
    node.opType === "BatchNormalization"
      ? createNode(
          "BatchNormalization",
          [
            node.inputs[0]!,
            "onnx::BatchNormalization_1",
            "onnx::BatchNormalization_2",
            ...node.inputs.slice(3),
          ],
          [...node.outputs],
        )
      : node,
  );
  return { ...model, graph: { ...model.graph, nodes, initializers } };
}

describe("a frozen batch normalisation", () => {
  it.each([
    ["modules", MODULES],
    ["flat", FLAT],
  ])("stays the same to the bit under new layers: %s names", async (_, names) => {
    const model = headOn(names);
    const before = valuesOf(model);
    expect(model.trainableNorms.size).toBe(0);
    await losses(model);
    expect(changed(model, before)).toEqual(["predictions.weight", "predictions.bias"]);
  });

  it("trains new layers in the same way whatever its weights are called", async () => {
    expect(await losses(headOn(FLAT))).toEqual(await losses(headOn(MODULES)));
  });

  it.each([
    ["Paddle", "conv1_bn_scale", "conv1_bn_mean"],
    ["MXNet", "resnetv17_batchnorm0_gamma", "resnetv17_batchnorm0_running_mean"],
  ])("is found by its weights where they are those of the model itself: %s", (_, scale, mean) => {
    const model = headOn({ ...FLAT, scale, mean });
    expect(model.trainableNorms.size).toBe(0);
    weight(model, mean).trainable = true;
    weight(model, scale).trainable = true;
    // The variance is still frozen.
    expect(model.trainableNorms.size).toBe(0);
    weight(model, FLAT.variance).trainable = true;
    expect(model.trainableNorms.size).toBe(1);
  });
});

describe("which batch normalisations use the statistics of their batch", () => {
  const all = Object.values(MODULES);

  it.each<[string, readonly string[], number]>([
    ["nothing is frozen", [], 1],
    ["the scale alone is frozen", [MODULES.scale], 1],
    ["the shift alone is frozen", [MODULES.shift], 1],
    ["scale and shift are frozen", [MODULES.scale, MODULES.shift], 0],
    ["the mean is frozen", [MODULES.mean], 0],
    ["the variance is frozen", [MODULES.variance], 0],
    ["everything is frozen by itself", all, 0],
    ["other layers are frozen", [MODULES.kernel, MODULES.classes], 1],
  ])("%s", async (_, frozen, norms) => {
    const model = Model.fromOnnx(stemNetwork(MODULES));
    for (const name of frozen) model.freeze(name);
    expect(model.trainableNorms.size).toBe(norms);
    if (frozen === all) return;
    const before = valuesOf(model);
    await losses(model);
    const states: readonly string[] = norms === 1 ? [] : [MODULES.mean, MODULES.variance];
    expect(changed(model, before)).toEqual(
      all.filter((name) => !frozen.includes(name) && !states.includes(name)),
    );
  });

  it("is said by the layer of a norm that has neither scale nor shift", async () => {
    const model = Model.fromOnnx(withoutAffine());
    expect(model.weights.map(({ name }) => name)).not.toContain(MODULES.scale);
    expect(model.trainableNorms.size).toBe(1);
    const before = valuesOf(model);
    await losses(model);
    expect(changed(model, before)).toContain(MODULES.mean);
    model.layer("stem.bn").trainable = false;
    expect(model.trainableNorms.size).toBe(0);
    const frozen = valuesOf(model);
    await losses(model);
    expect(changed(model, frozen)).toEqual([MODULES.kernel, MODULES.classes]);
  });
});
