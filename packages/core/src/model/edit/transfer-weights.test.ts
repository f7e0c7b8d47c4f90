import { createTensor, type Tensor } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { difference, images, network, outputOf } from "../../../test/models.js";
import { encodeSafetensors } from "../../codec/safetensors.js";
import { UsageError } from "../../errors.js";
import * as layers from "../../layers/index.js";
import { Model } from "../model.js";
import { transferWeights } from "./transfer-weights.js";

/** As {@link network}, with other values, states among them. */
function other(): Model {
  const model = network();
  for (const [index, weight] of model.weights.entries()) weight.data.fill((index + 1) / 10);
  return model;
}

describe("transferWeights", () => {
  it("carries weights, biases and running statistics by name", async () => {
    const [from, to] = [other(), network()];
    const report = transferWeights(from, to, { strict: true });
    expect(report.matched).toEqual(to.weights.map(({ name }) => name));
    expect(report).toMatchObject({ mismatched: [], unused: [], missing: [] });
    expect(to.saveWeights()).toEqual(from.saveWeights());
    expect(difference(await outputOf(to, images), await outputOf(from, images))).toBe(0);
    from.weights[0]!.data.fill(7);
    expect(to.weights[0]!.data[0]).not.toBe(7);
  });

  it("reports what does not fit, and leaves that as it was", () => {
    const target = () =>
      network()
        .cut("head.hidden")
        .append([layers.dense(2, { name: "classes" })]);
    const to = target();
    const report = transferWeights(other(), to, {
      map: { "head.classes.*": "classes.*", "second.norm.bias": "gone" },
    });
    expect(report.mismatched).toEqual([
      { name: "classes.weight", from: [5, 3], to: [5, 2] },
      { name: "classes.bias", from: [3], to: [2] },
    ]);
    expect(report.unused).toEqual(["second.norm.bias"]);
    expect(report.missing).toEqual(["second.norm.bias"]);
    expect(report.matched).toHaveLength(13);
    expect(to.layer("classes").weights[0]!.data).toEqual(
      target().layer("classes").weights[0]!.data,
    );
  });

  it("in strict mode changes nothing and lists every difference", () => {
    const to = network().cut("second");
    const before = to.saveWeights();
    const transfer = () => transferWeights(other(), to, { strict: true });
    expect(transfer).toThrow(UsageError);
    expect(transfer).toThrow(/head\.hidden\.weight: the model has no such weight/);
    expect(to.saveWeights()).toEqual(before);
  });

  it("maps many names by one pattern, and exact names before patterns", () => {
    const from = other();
    const to = Model.sequential(
      [5],
      [layers.sequential([layers.dense(3, { name: "out" })], { name: "top" })],
    );
    const report = transferWeights(from, to, {
      map: {
        "head.*": "nowhere.*",
        "head.classes.*": "unused.*",
        "head.classes.weight": "top.out.weight",
      },
    });
    expect(report.matched).toEqual(["top.out.weight"]);
    expect(report.missing).toEqual(["top.out.bias"]);
  });

  it("takes from and gives to single layers", () => {
    const [from, to] = [other(), network()];
    const report = transferWeights(from.layer("first"), to.layer("first"), { strict: true });
    expect(report.matched).toHaveLength(6);
    expect(to.layer("second").weights[0]!.data).toEqual(network().layer("second").weights[0]!.data);
  });
});

describe("loadWeights", () => {
  it("takes what saveWeights gives", () => {
    const [from, to] = [other(), network()];
    to.loadWeights(from.saveWeights());
    expect(to.saveWeights()).toEqual(from.saveWeights());
  });

  it("is strict unless asked otherwise", () => {
    const part = network().cut("second").saveWeights();
    const to = network();
    expect(() => to.loadWeights(part)).toThrow(/head\.classes\.bias: there are no values for it/);
    expect(to.loadWeights(part, { strict: false }).missing).toHaveLength(4);
  });

  it("widens halves and narrows doubles", () => {
    const to = network();
    const half = createTensor("float16", [3], Uint16Array.of(0x3c00, 0xc000, 0x0001));
    const double = createTensor("float64", [3], Float64Array.of(0.1, 2, 3));
    const file = encodeSafetensors(
      new Map<string, Tensor>([
        ["first.conv.bias", half],
        ["head.classes.bias", double],
      ]),
    );
    to.loadWeights(file, { strict: false });
    expect([...to.layer("first.conv").weights[1]!.data]).toEqual([1, -2, 2 ** -24]);
    expect(to.layer("head.classes").weights[1]!.data).toEqual(Float32Array.of(0.1, 2, 3));
  });
});
