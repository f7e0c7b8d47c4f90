import { readFileSync } from "node:fs";
import {
  createGraph,
  createModel,
  createTensor,
  float,
  type Tensor,
  valueInfo,
} from "@engraft/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference, outputOf } from "../../test/models.js";
import { layers, Model, UsageError } from "../index.js";
import type { NewLayer } from "./new-layer.js";

interface Numbers {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

interface Golden {
  readonly input: Numbers;
  readonly weights: readonly Numbers[];
  readonly output: Numbers;
}

const goldens: Record<string, Golden> = JSON.parse(
  readFileSync(new URL("goldens/layers.json", import.meta.url)).toString(),
);

const cases: Readonly<Record<string, NewLayer>> = {
  dense: layers.dense(4),
  "dense of tokens, without bias": layers.dense(4, { bias: false }),
  "dense with relu": layers.dense(4, { activation: "relu" }),
  conv2d: layers.conv2d(6, 3),
  "conv2d of groups": layers.conv2d(6, 3, { padding: 1, groups: 2 }),
  "conv2d with strides": layers.conv2d(6, 3, { strides: 2, padding: 1, bias: false }),
  "conv2d, same": layers.conv2d(6, 4, { padding: "same" }),
  "conv2d, same with strides": layers.conv2d(6, 3, { strides: 3, padding: "same" }),
  maxPool2d: layers.maxPool2d(2),
  "maxPool2d with padding": layers.maxPool2d(3, { strides: 2, padding: 1 }),
  averagePool2d: layers.averagePool2d(2),
  "averagePool2d with padding": layers.averagePool2d(3, { strides: 2, padding: 1 }),
  "batchNorm of maps": layers.batchNorm(),
  "batchNorm of rows": layers.batchNorm({ epsilon: 1e-2 }),
  "layerNorm of rows": layers.layerNorm(),
  "layerNorm of tokens": layers.layerNorm({ epsilon: 1e-2 }),
  dropout: layers.dropout(0.5),
  flatten: layers.flatten(),
  "globalAveragePool of maps": layers.globalAveragePool(),
  "globalAveragePool of tokens": layers.globalAveragePool(),
  "globalMaxPool of maps": layers.globalMaxPool(),
  "globalMaxPool of tokens": layers.globalMaxPool(),
  relu: layers.activation("relu"),
  gelu: layers.activation("gelu"),
  silu: layers.activation("silu"),
  tanh: layers.activation("tanh"),
  sigmoid: layers.activation("sigmoid"),
  "softmax of tokens": layers.activation("softmax"),
  "softmax of maps": layers.activation("softmax"),
  hardSwish: layers.activation("hardSwish"),
  leakyRelu: layers.activation("leakyRelu"),
  sequential: layers.sequential([layers.dense(4, { activation: "tanh" }), layers.dense(2)]),
};

const tensorOf = ({ dims, data }: Numbers): Tensor =>
  createTensor("float32", dims, Float32Array.from(data));

const shapesOf = (tensors: readonly { readonly shape: readonly number[] }[]) =>
  tensors.map(({ shape }) => shape);

describe("a new layer", () => {
  it("has a case for every golden", () => {
    expect(Object.keys(cases)).toEqual(Object.keys(goldens));
  });

  it.each(Object.entries(cases))("gives what PyTorch gives: %s", async (name, layer) => {
    const { input, weights, output } = goldens[name]!;
    const model = Model.sequential(input.dims.slice(1), [layer]);
    expect(shapesOf(model.weights)).toEqual(weights.map(({ dims }) => dims));
    for (const [index, { data }] of weights.entries()) {
      model.weights[index]!.data = Float32Array.from(data);
    }
    expect(model.output.type.shape).toEqual(["batch", ...output.dims.slice(1)]);
    const actual = await outputOf(model, { input: tensorOf(input) });
    expect(difference(actual, tensorOf(output))).toBeLessThan(1e-5);
  });

  it("looks up the vectors of an embedding", async () => {
    const ids = valueInfo("ids", "int64", ["batch", 3]);
    const numbers = createModel({
      graph: createGraph({ nodes: [], inputs: [ids], outputs: [ids] }),
      opset: 21,
      irVersion: 10,
    });
    const model = Model.fromOnnx(numbers).append([layers.embedding(4, 2)]);
    model.weights[0]!.data = Float32Array.from([0, 1, 10, 11, 20, 21, 30, 31]);
    const output = await outputOf(model, {
      ids: createTensor("int64", [1, 3], BigInt64Array.of(3n, 0n, 3n)),
    });
    expect(output).toMatchObject({ dims: [1, 3, 2], data: Float32Array.of(30, 31, 0, 1, 30, 31) });
  });
});

describe("names", () => {
  const pathsOf = (added: readonly NewLayer[]) =>
    Model.sequential([4], added)
      .summary()
      .rows.map(({ layer }) => layer);

  it("are the kinds, numbered, inside of their group", () => {
    const group = () => layers.sequential([layers.dense(3), layers.dense(2)]);
    expect(
      pathsOf([layers.dense(4), group(), layers.dense(3, { name: "dense_1" }), group()]),
    ).toEqual([
      "dense",
      "sequential.dense",
      "sequential.dense_1",
      "dense_1",
      "sequential_1.dense",
      "sequential_1.dense_1",
    ]);
  });

  it("of weights and outputs are those of their layer", () => {
    const model = Model.sequential([4], [layers.dense(2, { name: "head" })]);
    expect(model.weights.map(({ name }) => name)).toEqual(["head.weight", "head.bias"]);
    expect(model.output.name).toBe("head");
  });

  it.each(["", "a.b", "a/b"])('cannot be "%s"', (name) => {
    expect(() => pathsOf([layers.flatten({ name })])).toThrow(UsageError);
  });

  it("cannot be given twice, nor be those of the model below", () => {
    const twice = [layers.flatten({ name: "a" }), layers.flatten({ name: "a" })];
    expect(() => pathsOf(twice)).toThrow(/"a".*taken/);
    const model = Model.sequential([4], twice.slice(1));
    expect(() => model.append(twice.slice(1))).toThrow(/"a".*taken/);
  });
});

describe("weights at the start", () => {
  const weightOf = (layer: NewLayer, shape: readonly number[], seed = 0) =>
    Model.sequential(shape, [layer], { seed }).weights[0]!.data;

  /** Bounds hold with room to spare for thousands of values of a fixed seed. */
  const deviation = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

  it("follow the published formulas", () => {
    const kernel = weightOf(layers.conv2d(64, 3), [16, 8, 8]);
    expect(deviation(kernel)).toBeCloseTo(Math.sqrt(2 / (16 * 9)), 2);
    const glorot = weightOf(layers.dense(100), [50]);
    const limit = Math.sqrt(6 / 150);
    expect(glorot.every((value) => Math.abs(value) <= limit)).toBe(true);
    expect(deviation(glorot)).toBeCloseTo(limit / Math.sqrt(3), 2);
    const he = weightOf(layers.dense(100, { initializer: "he-uniform" }), [50]);
    expect(deviation(he)).toBeCloseTo(Math.sqrt(2 / 50), 2);
    const normal = weightOf(layers.dense(100, { initializer: "normal" }), [50]);
    expect(deviation(normal)).toBeCloseTo(0.02, 3);
  });

  it("depend on the seed and the name alone", () => {
    const named = (name: string) => layers.dense(3, { name });
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const alone = weightOf(named("a"), [4], seed);
        const [after] = Model.sequential([4], [layers.dense(4), named("a")], { seed }).layer(
          "a",
        ).weights;
        expect(after!.data).toEqual(alone);
        expect(weightOf(named("b"), [4], seed)).not.toEqual(alone);
        expect(weightOf(named("a"), [4], seed + 1)).not.toEqual(alone);
      }),
      { numRuns: 20 },
    );
  });
});

describe("what cannot be", () => {
  const maps = [4, 6, 6];

  it.each<[string, readonly number[], NewLayer, RegExp]>([
    ["dense on maps", maps, layers.dense(2), /"dense".*\[batch, 4, 6, 6\].*globalAveragePool/],
    ["a convolution of rows", [4], layers.conv2d(2, 3), /"conv2d".*rank 4/],
    ["pooling of rows", [4], layers.globalMaxPool(), /"globalMaxPool".*rank 3 or 4/],
    ["layer normalisation of maps", maps, layers.layerNorm(), /batchNorm/],
    ["groups that do not divide", maps, layers.conv2d(6, 3, { groups: 4 }), /multiples/],
  ])("%s is refused with the layer's name", (_, shape, layer, message) => {
    expect(() => Model.sequential(shape, [layer])).toThrow(UsageError);
    expect(() => Model.sequential(shape, [layer])).toThrow(message);
  });

  it.each<[string, () => NewLayer]>([
    ["no units", () => layers.dense(0)],
    ["half a unit", () => layers.dense(1.5)],
    ["a rate of 1", () => layers.dropout(1)],
    ["a rate that is no number", () => layers.dropout(Number.NaN)],
    ["a negative padding", () => layers.conv2d(1, 1, { padding: -1 })],
    ["strides of 0", () => layers.maxPool2d(2, { strides: 0 })],
    ["an empty vocabulary", () => layers.embedding(0, 2)],
  ])("%s is refused at once", (_, make) => {
    expect(make).toThrow(UsageError);
  });
});

describe("pooling of tokens", () => {
  it.each<[string, NewLayer, number]>([
    ["mean", layers.globalAveragePool(), 2],
    ["max", layers.globalMaxPool(), 3],
  ])("leaves padding out: %s", async (_, layer, expected) => {
    const tokens = valueInfo("tokens", "float32", ["batch", "token", 1]);
    const mask = valueInfo("mask", "int64", ["batch", "token"]);
    const base = createModel({
      graph: createGraph({ nodes: [], inputs: [tokens, mask], outputs: [tokens] }),
      opset: 21,
      irVersion: 10,
    });
    const preparation = {
      inputs: { ids: "tokens", mask: "mask" },
      preprocessing: {
        kind: "text",
        tokenizer: "tokenizer.json",
        maxTokens: 4,
        padTokenId: 0,
        positions: 4,
      },
      tokenizer: () => undefined,
    } as const;
    const model = Model.fromOnnx(base, { preparation }).append([layer]);
    const output = await outputOf(model, {
      tokens: createTensor("float32", [1, 3, 1], Float32Array.of(1, 3, 100)),
      mask: createTensor("int64", [1, 3], BigInt64Array.of(1n, 1n, 0n)),
    });
    expect(output).toMatchObject({ dims: [1, 1], data: Float32Array.of(expected) });
  });
});

describe("dropout", () => {
  it("stays in the graph that is trained and is not saved", () => {
    const model = Model.sequential([4], [layers.dense(3), layers.dropout(0.3), layers.dense(2)]);
    const operators = (from: Model) => from.graph.graph.nodes.map(({ opType }) => opType);
    expect(operators(model)).toContain("Dropout");
    expect(operators(Model.fromOnnx(model.toOnnx()))).not.toContain("Dropout");
  });
});

describe("batchNorm", () => {
  it("has running statistics as states, and the momentum that it was given", () => {
    const model = Model.sequential([4], [layers.batchNorm({ momentum: 0.99 })]);
    expect(model.weights.map(({ name, kind }) => [name, kind])).toEqual([
      ["batchNorm.weight", "parameter"],
      ["batchNorm.bias", "parameter"],
      ["batchNorm.running_mean", "state"],
      ["batchNorm.running_var", "state"],
    ]);
    expect(model.graph.graph.nodes[0]!.attributes.get("momentum")).toEqual(float(0.99));
    expect([...model.trainableNorms]).toEqual(["batchNorm"]);
  });
});
