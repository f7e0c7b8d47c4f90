import { createGraph, createModel, createNode, type Tensor, valueInfo } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { difference, numbers, outputOf } from "../../test/models.js";
import { config, integers, testPlatform } from "../../test/training-networks.js";
import { UsageError } from "../errors.js";
import { Model } from "../model/model.js";
import type { Platform } from "../platform.js";
import { fitModel } from "../train/model/fit-model.js";
import * as layers from "./index.js";
import type { NewLayer } from "./new-layer.js";

/** As exports of Keras: x [N, 6, 6, 3] by a kernel on axis 1 to `first`, and back to `last` [N, 6, 6, 5]. */
function keras(): Model {
  const graph = createGraph({
    nodes: [
      createNode("Transpose", ["x"], ["xt"], { perm: [0, 3, 1, 2] }),
      createNode("Conv", ["xt", "block/conv/kernel"], ["c"], { pads: [1, 1, 1, 1] }),
      createNode("Relu", ["c"], ["first"]),
      createNode("Transpose", ["first"], ["back"], { perm: [0, 2, 3, 1] }),
      createNode("Identity", ["back"], ["last"]),
    ],
    inputs: [valueInfo("x", "float32", ["N", 6, 6, 3])],
    outputs: [valueInfo("last", "float32", ["N", 6, 6, 5])],
    initializers: new Map([["block/conv/kernel", numbers([5, 3, 3, 3], 2)]]),
  });
  return Model.fromOnnx(createModel({ graph, opset: 21, irVersion: 10 }));
}

const x = numbers([2, 6, 6, 3], 5);

/** Means over the second and third axis of [rows, a, b, channels]. */
function means({ dims, data }: Tensor): number[] {
  const [rows = 0, a = 0, b = 0, channels = 0] = dims;
  const result = new Array<number>(rows * channels).fill(0);
  (data as Float32Array).forEach((value, at) => {
    const row = Math.floor(at / (a * b * channels));
    result[row * channels + (at % channels)]! += value / (a * b);
  });
  return result;
}

const top: Readonly<Record<string, NewLayer[]>> = {
  globalAveragePool: [layers.globalAveragePool()],
  globalMaxPool: [layers.globalMaxPool()],
  conv2d: [layers.conv2d(4, 3), layers.globalAveragePool()],
  maxPool2d: [layers.maxPool2d(2), layers.globalAveragePool()],
  averagePool2d: [layers.averagePool2d(3), layers.globalMaxPool()],
  batchNorm: [layers.batchNorm(), layers.globalMaxPool()],
  "softmax over the channels": [layers.activation("softmax"), layers.globalMaxPool()],
  "relu and dropout, then pooling": [
    layers.activation("relu"),
    layers.dropout(0.5),
    layers.globalAveragePool(),
    layers.dense(2),
  ],
};

describe("maps with their channels last", () => {
  it("are pooled over height and width", async () => {
    const base = keras();
    const pooled = base.append([layers.globalAveragePool()]);
    expect(pooled.output.type.shape).toEqual(["N", 5]);
    const expected = means(await outputOf(base, { x }));
    const actual = [...((await outputOf(pooled, { x })).data as Float32Array)];
    expect(actual).toHaveLength(expected.length);
    for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  it.each(Object.entries(top))(
    "are what maps with their channels first are to %s",
    async (_, on) => {
      const last = keras().append(on, { seed: 3 });
      const first = keras().cut("first").append(on, { seed: 3 });
      expect(last.weights.map(({ shape }) => shape)).toEqual(
        first.weights.map(({ shape }) => shape),
      );
      expect(last.output.type.shape).toEqual(first.output.type.shape);
      const difference_ = difference(await outputOf(last, { x }), await outputOf(first, { x }));
      expect(difference_).toBeLessThan(1e-6);
    },
  );

  it("are flattened as they lie, and train as the others do", async () => {
    const flat = keras().append([layers.flatten()]);
    expect((await outputOf(flat, { x })).data).toEqual((await outputOf(keras(), { x })).data);
    const losses = async (base: Model) => {
      base.trainable = false;
      const model = base.append([layers.batchNorm(), layers.globalAveragePool(), layers.dense(2)]);
      const train = { inputs: { x }, targets: integers(4, 2, 2) };
      const platform = testPlatform() as Platform & ReturnType<typeof testPlatform>;
      const { history } = await fitModel(model, { train }, config({ epochs: 3 }), platform);
      return history.map(({ training }) => training.loss);
    };
    const [last, first] = [await losses(keras()), await losses(keras().cut("first"))];
    for (const [i, loss] of last.entries()) expect(loss).toBeCloseTo(first[i]!, 5);
  });
});

/** A model that only squares what it reads: nothing tells what its axes are. */
function squares(...shape: number[]): Model {
  const type = ["N", ...shape];
  const graph = createGraph({
    nodes: [createNode("Mul", ["x", "x"], ["y"])],
    inputs: [valueInfo("x", "float32", type)],
    outputs: [valueInfo("y", "float32", type)],
  });
  return Model.fromOnnx(createModel({ graph, opset: 21, irVersion: 10 }));
}

describe("where nothing tells which axis holds the channels", () => {
  it.each<[string, NewLayer, number[]]>([
    ["pooling of maps", layers.globalAveragePool(), [6, 6, 3]],
    ["pooling of tokens", layers.globalMaxPool(), [6, 3]],
    ["a convolution", layers.conv2d(2, 3), [6, 6, 3]],
    ["a batch normalisation", layers.batchNorm(), [6, 6, 3]],
  ])("%s is refused, and the option named", (_, layer, shape) => {
    expect(() => squares(...shape).append([layer])).toThrow(UsageError);
    expect(() => squares(...shape).append([layer])).toThrow(
      /must know which axis of "y".*append\(layers, \{ layout: "channels-first" \}\)/,
    );
  });

  it("it can be said", () => {
    const shapeOf = (layout: "channels-first" | "channels-last") =>
      squares(6, 4, 3).append([layers.globalAveragePool()], { layout }).output.type.shape;
    expect(shapeOf("channels-first")).toEqual(["N", 6]);
    expect(shapeOf("channels-last")).toEqual(["N", 3]);
  });
});

describe("tokens and sequences", () => {
  it("are told apart by what computes them", async () => {
    const sequences = (node: Parameters<typeof createNode>, weight: Tensor, shape: number[]) => {
      const graph = createGraph({
        nodes: [createNode(...node)],
        inputs: [valueInfo("x", "float32", ["N", ...shape])],
        outputs: [valueInfo("y", "float32", ["N", 7, 5])],
        initializers: new Map([["w.weight", weight]]),
      });
      return Model.fromOnnx(createModel({ graph, opset: 21, irVersion: 10 }));
    };
    const tokens = sequences(["MatMul", ["x", "w.weight"], ["y"]], numbers([3, 5]), [7, 3]);
    const steps = sequences(["Conv", ["x", "w.weight"], ["y"]], numbers([7, 3, 1]), [3, 5]);
    const pooled = (model: Model) => model.append([layers.globalAveragePool()]).output.type.shape;
    expect(pooled(tokens)).toEqual(["N", 5]);
    expect(pooled(steps)).toEqual(["N", 7]);
    const normed = (model: Model) => model.append([layers.batchNorm()]).weights.at(-1)!.shape;
    expect(normed(tokens)).toEqual([5]);
    expect(normed(steps)).toEqual([7]);
  });
});
