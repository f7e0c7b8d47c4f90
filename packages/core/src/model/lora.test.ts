import { createGraph, createModel, createNode, encodeModel, valueInfo } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { difference, images, network, numbers, outputOf } from "../../test/models.js";
import * as layers from "../layers/index.js";
import { Model } from "./model.js";

/** A matrix of every kind that LoRA knows: Gemm with transB, 1x1 and 3x3 Conv, MatMul. */
function everyKind(): Model {
  const graph = createGraph({
    nodes: [
      createNode("Conv", ["x", "wide.weight"], ["a"], { pads: [1, 1, 1, 1] }),
      createNode("Conv", ["a", "point.weight"], ["b"]),
      createNode("GlobalAveragePool", ["b"], ["c"]),
      createNode("Flatten", ["c"], ["d"], { axis: 1 }),
      createNode("Gemm", ["d", "gemm.weight", "gemm.bias"], ["e"], { transB: 1 }),
      createNode("MatMul", ["e", "matmul.weight"], ["y"]),
    ],
    inputs: [valueInfo("x", "float32", ["batch", 2, 4, 4])],
    outputs: [valueInfo("y", "float32", ["batch", 3])],
    initializers: [
      ["wide.weight", numbers([3, 2, 3, 3], 1)],
      ["point.weight", numbers([6, 3, 1, 1], 2)],
      ["gemm.weight", numbers([5, 6], 3)],
      ["gemm.bias", numbers([5], 4)],
      ["matmul.weight", numbers([5, 3], 5)],
    ],
  });
  return Model.fromOnnx(createModel({ graph, opset: 21 }));
}

const feeds = { x: numbers([2, 2, 4, 4]) };

/** Moves the low-rank weights away from where they change nothing. */
function shake(model: Model): void {
  for (const [index, weight] of model.weights.entries()) {
    if (!weight.name.includes("_lora_")) continue;
    weight.data = numbers(weight.shape, index + 1).data;
  }
}

describe("addLora", () => {
  it("trains thin matrices beside frozen ones", () => {
    const base = everyKind();
    const model = base.addLora({ rank: 2 });
    expect(
      Object.fromEntries(model.trainableWeights.map(({ name, shape }) => [name, shape])),
    ).toEqual({
      "wide.weight": [3, 2, 3, 3],
      "point.weight_lora_a": [6, 2],
      "point.weight_lora_b": [2, 3],
      "gemm.bias": [5],
      "gemm.weight_lora_a": [5, 2],
      "gemm.weight_lora_b": [2, 6],
      "matmul.weight_lora_a": [5, 2],
      "matmul.weight_lora_b": [2, 3],
    });
    expect(model.layer("gemm").weights).toHaveLength(4);
    expect(base.weights).toHaveLength(5);
  });

  it("changes nothing at first", async () => {
    const base = everyKind();
    expect(
      difference(await outputOf(base.addLora({ rank: 2 }), feeds), await outputOf(base, feeds)),
    ).toBe(0);
  });

  it("gives merged what it gives unmerged, for every kind of matrix", async () => {
    const base = everyKind();
    const before = await outputOf(base, feeds);
    const model = base.addLora({ rank: 2 });
    shake(model);
    const unmerged = await outputOf(encodeModel(model.graph), feeds);
    const merged = await outputOf(model, feeds);
    expect(difference(merged, unmerged)).toBeLessThan(1e-5);
    expect(difference(merged, before)).toBeGreaterThan(0.1);
    const saved = Model.fromOnnx(model.toOnnx());
    expect(saved.weights.map(({ name }) => name)).toEqual(base.weights.map(({ name }) => name));
  });

  it("keeps to the layers that were chosen, and to the part that is left by a cut", async () => {
    const base = network();
    base.trainable = false;
    const model = base.addLora({ rank: 1, layers: "head.*" });
    expect(model.trainableWeights.map(({ name }) => name)).toEqual([
      "head.hidden.weight_lora_a",
      "head.hidden.weight_lora_b",
      "head.classes.weight_lora_a",
      "head.classes.weight_lora_b",
    ]);
    const part = model.cut("head.hidden").append([layers.dense(2, { name: "new" })]);
    shake(part);
    expect(
      difference(await outputOf(part, images), await outputOf(encodeModel(part.graph), images)),
    ).toBeLessThan(1e-5);
  });

  it("refuses what cannot be adapted", () => {
    const model = network();
    expect(() => model.addLora({ rank: 1, layers: "first.norm" })).toThrow(/is a matrix/);
    const once = model.addLora({ rank: 1, layers: "head" });
    expect(() => once.addLora({ rank: 1, layers: "head" })).toThrow(/has none yet/);
    expect(() => model.addLora({ rank: 0 })).toThrow(/rank of LoRA is 0/);
  });

  it("leaves a table that is looked up as well as multiplied by alone", () => {
    const graph = createGraph({
      nodes: [
        createNode("Gather", ["table", "ids"], ["rows"]),
        createNode("Gemm", ["rows", "table"], ["y"], { transB: 1 }),
      ],
      inputs: [valueInfo("ids", "int64", ["batch"])],
      outputs: [valueInfo("y", "float32", ["batch", 7])],
      initializers: [["table", numbers([7, 4])]],
    });
    const tied = Model.fromOnnx(createModel({ graph, opset: 21 }));
    expect(() => tied.addLora({ rank: 1 })).toThrow(/is a matrix/);
  });
});
