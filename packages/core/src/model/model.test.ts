import { createGraph, createModel, createNode, encodeModel, valueInfo } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { difference, images, network, numbers, outputOf, readFixture } from "../../test/models.js";
import { imageBase, textBase } from "../../test/tiny-bases.js";
import { UsageError } from "../errors.js";
import { modelOfBase } from "../finetune/model-of-base.js";
import * as layers from "../layers/index.js";
import { Model } from "./model.js";

const resnet = () => Model.fromOnnx(readFixture("resnet-torchscript-17").bytes);

describe("layer", () => {
  it("finds by path, by its end, and without leading underscores", () => {
    const model = resnet();
    expect(model.layer("layer2.0.bn1").path).toBe("layer2.0.bn1");
    expect(
      Model.fromOnnx(readFixture("bert-dynamo-18").bytes).layer("layer.1.output.dense").path,
    ).toBe("model.bert.encoder.layer.1.output.dense");
    const named = network()
      .append([layers.sequential([layers.dense(2, { name: "_out" })], { name: "_top" })])
      .layer("top.out");
    expect(named).toMatchObject({ path: "_top._out", name: "_out" });
  });

  it("names those that could be meant", () => {
    expect(() => resnet().layer("layer2.0.bn3")).toThrow(/no layer "layer2\.0\.bn3".*Did you mean/);
    expect(() => resnet().layer("0.conv1")).toThrow(
      /More than one layer is called "0\.conv1": layer1\.0\.conv1, layer2\.0\.conv1/,
    );
    expect(() => resnet().layer("")).toThrow(UsageError);
  });
});

describe("cut", () => {
  it("takes the part up to a layer, a tap or a value, with what it needs", async () => {
    const { inputs } = readFixture("resnet-torchscript-17");
    const part = resnet().cut("layer1");
    expect(part.layers.map(({ path }) => path)).toEqual(["conv1", "bn1", "layer1"]);
    const value = await outputOf(part, inputs);
    const again = await outputOf(resnet().cut(part.output.name), inputs);
    expect(again).toEqual(value);
    const base = modelOfBase(imageBase);
    expect(base.cut("block.1").output).toMatchObject({ name: "b1" });
    expect(base.cut("features").output.type.shape).toEqual(["batch", 24]);
  });

  it("refuses names of nothing", () => {
    expect(() => network().cut("thrid")).toThrow(/no layer "thrid"/);
  });
});

describe("append", () => {
  it("computes the new layers on top of the old", async () => {
    const base = network().cut("pool");
    const model = base.append([layers.dense(3, { name: "logits" })]);
    const [below, above] = [await outputOf(base, images), await outputOf(model, images)];
    const [weight, bias] = model.layer("logits").weights;
    const x = below.data as Float32Array;
    const expected = Float32Array.from({ length: 6 }, (_, at) => {
      const [row, unit] = [Math.floor(at / 3), at % 3];
      let sum = bias!.data[unit]!;
      for (let i = 0; i < 4; i++) sum += x[4 * row + i]! * weight!.data[3 * i + unit]!;
      return sum;
    });
    expect(difference(above, { dtype: "float32", dims: [2, 3], data: expected })).toBeLessThan(
      1e-6,
    );
    expect(model.output.name).toBe("logits");
  });

  it("starts from values that depend on the seed and the layer's name alone", () => {
    const start = (seed: number, name: string) =>
      network()
        .cut("pool")
        .append([layers.dense(3, { name })], { seed })
        .weights.at(-2)!.data;
    expect(start(1, "a")).toEqual(start(1, "a"));
    expect(start(1, "a")).not.toEqual(start(2, "a"));
    expect(start(1, "a")).not.toEqual(start(1, "b"));
  });

  it("gives no layer a name that is taken, in the tree or in the graph", () => {
    expect(() => network().append([layers.dense(2, { name: "head" })])).toThrow(/"head".*taken/);
    const base = modelOfBase(imageBase);
    expect(() => base.append([layers.dense(2, { name: "b1" })])).toThrow(/"b1".*taken/);
    expect(() => network().append([layers.dense(2, { name: "a.b" })])).toThrow(/dots or slashes/);
  });

  it("pools tokens under the mask where the part below does not read it", async () => {
    const model = modelOfBase(textBase).cut("embeddings").append([layers.globalAveragePool()]);
    expect(model.inputs.map(({ name }) => name)).toContain(textBase.spec.inputs.mask);
    const feeds = (ids: bigint[], mask: bigint[]) => ({
      [textBase.spec.inputs.ids!]: ids64(ids),
      [textBase.spec.inputs.mask!]: ids64(mask),
    });
    const alone = await outputOf(model, feeds([1n, 2n], [1n, 1n]));
    const padded = await outputOf(model, feeds([1n, 2n, 0n], [1n, 1n, 0n]));
    expect(difference(padded, alone)).toBeLessThan(1e-6);
  });

  it("does not ask for the mask where no layer reads it", () => {
    const model = modelOfBase(textBase)
      .cut("embeddings")
      .append([layers.dense(2)]);
    expect(model.inputs.map(({ name }) => name)).not.toContain(textBase.spec.inputs.mask);
  });

  function ids64(values: bigint[]) {
    return { dtype: "int64", dims: [1, values.length], data: BigInt64Array.from(values) } as const;
  }
});

describe("summary", () => {
  it("is a table with totals", () => {
    const model = network();
    model.layer("first").trainable = false;
    expect(`\n${model.summary().toString()}\n`).toBe(`
layer         operators                   output shape      weights  trainable
first.conv    Conv                        [batch, 3, 4, 4]       57  no
first.norm    BatchNormalization          [batch, 3, 4, 4]       12  no
first.relu    Relu                        [batch, 3, 4, 4]        0
second.conv   Conv                        [batch, 4, 4, 4]      112  yes
second.norm   BatchNormalization          [batch, 4, 4, 4]       16  yes
second.relu   Relu                        [batch, 4, 4, 4]        0
pool          GlobalAveragePool, Flatten  [batch, 4]              0
head.hidden   MatMul, Add, Tanh           [batch, 5]             25  yes
head.classes  MatMul, Add                 [batch, 3]             18  yes

weights                240
trainable              163
non-trainable          77
`);
  });
});

describe("toOnnx", () => {
  it("gives the same outputs, layers and weights when it is read again", async () => {
    const model = network();
    const again = Model.fromOnnx(model.toOnnx());
    expect(await outputOf(again, images)).toEqual(await outputOf(model, images));
    expect(again.architecture()).toEqual(model.architecture());
    expect(again.saveWeights()).toEqual(model.saveWeights());
  });

  it("has the weights as they are now, and no dropout", async () => {
    const model = network().append([layers.dropout(0.9), layers.dense(1, { name: "out" })]);
    model.layer("out").ownWeights[0]!.data.fill(0);
    model.layer("out").ownWeights[1]!.data = Float32Array.of(5);
    expect([...((await outputOf(model, images)).data as Float32Array)]).toEqual([5, 5]);
  });
});

describe("what has no names", () => {
  const anonymous = () => {
    const graph = createGraph({
      nodes: [
        createNode("MatMul", ["x", "onnx::MatMul_7"], ["h"]),
        createNode("Add", ["h", "shift"], ["s"]),
        createNode("MatMul", ["s", "onnx::MatMul_9"], ["y"]),
      ],
      inputs: [valueInfo("x", "float32", ["batch", 3])],
      outputs: [valueInfo("y", "float32", ["batch", 2])],
      initializers: [
        ["onnx::MatMul_7", numbers([3, 4])],
        ["shift", numbers([4], 2)],
        ["onnx::MatMul_9", numbers([4, 2], 3)],
      ],
    });
    return Model.fromOnnx(encodeModel(createModel({ graph, opset: 17 })));
  };

  it("has weights that are called after their role, and keeps names that were chosen", () => {
    const model = anonymous();
    expect(model.weights.map(({ name }) => name)).toEqual(["weight", "shift", "weight_1"]);
    expect(model.layers).toEqual([]);
    model.freeze("shift");
    expect(model.trainableWeights).toHaveLength(2);
    expect(() => model.layer("encoder")).toThrow(/no layers with names/);
  });
});

describe("weights", () => {
  it("are copies of what the model was made from", () => {
    const bytes = network().toOnnx();
    const [one, other] = [Model.fromOnnx(bytes), Model.fromOnnx(bytes)];
    one.weights[0]!.data.fill(9);
    expect(other.weights[0]!.data[0]).not.toBe(9);
  });

  it("take values of their size only", () => {
    const weight = network().weights[1]!;
    expect(() => {
      weight.data = new Float32Array(4);
    }).toThrow('Weight "first.conv.bias" has shape [3], 3 values, and was given 4.');
  });
});
