import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { network } from "../../test/models.js";
import * as layers from "../layers/index.js";
import type { Model } from "./model.js";

const namesOf = (weights: readonly { readonly name: string }[]): string[] =>
  weights.map(({ name }) => name);
const trainable = (model: Model) => namesOf(model.trainableWeights);

const ALL = [
  "first.conv.weight",
  "first.conv.bias",
  "first.norm.weight",
  "first.norm.bias",
  "second.conv.weight",
  "second.conv.bias",
  "second.norm.weight",
  "second.norm.bias",
  "head.hidden.weight",
  "head.hidden.bias",
  "head.classes.weight",
  "head.classes.bias",
];

describe("a new model", () => {
  it("has trainable weights, and states that are not", () => {
    const model = network();
    expect(trainable(model)).toEqual(ALL);
    expect(namesOf(model.nonTrainableWeights)).toEqual([
      "first.norm.running_mean",
      "first.norm.running_var",
      "second.norm.running_mean",
      "second.norm.running_var",
    ]);
    expect(model.weights).toHaveLength(16);
  });

  it("lists the same by layer", () => {
    const layer = network().layer("second");
    expect(namesOf(layer.children)).toEqual(["conv", "norm", "relu"]);
    expect(namesOf(layer.weights)).toEqual(
      [
        "conv.weight",
        "conv.bias",
        "norm.weight",
        "norm.bias",
        "norm.running_mean",
        "norm.running_var",
      ].map((name) => `second.${name}`),
    );
    expect(layer.trainableWeights).toHaveLength(4);
    expect(namesOf(layer.nonTrainableWeights)).toEqual([
      "second.norm.running_mean",
      "second.norm.running_var",
    ]);
  });

  it("never has a trainable state", () => {
    const model = network();
    const state = model.nonTrainableWeights[0]!;
    state.trainable = true;
    expect(state.trainable).toBe(false);
  });
});

describe("trainable", () => {
  it("of a layer covers what is in it, and gives it back as it was", () => {
    const model = network();
    model.layer("first.conv").trainable = false;
    const before = trainable(model);
    model.layer("first").trainable = false;
    expect(model.layer("first.norm").trainable).toBe(false);
    expect(trainable(model)).toEqual(ALL.slice(4));
    model.layer("first").trainable = true;
    expect(model.layer("first.conv").trainable).toBe(false);
    expect(trainable(model)).toEqual(before);
  });

  it("can be set for a part of what is frozen", () => {
    const model = network();
    model.trainable = false;
    model.layer("second.norm").trainable = true;
    expect(model.layer("second").trainable).toBe(false);
    expect(trainable(model)).toEqual(["second.norm.weight", "second.norm.bias"]);
    model.layer("second").trainable = false;
    expect(trainable(model)).toEqual([]);
  });

  it("can be set for a weight", () => {
    const model = network();
    model.weights.find(({ name }) => name === "head.classes.bias")!.trainable = false;
    expect(trainable(model)).toEqual(ALL.slice(0, -1));
    model.layer("head").trainable = false;
    model.layer("head").trainable = true;
    expect(trainable(model)).toEqual(ALL.slice(0, -1));
  });

  test.prop([
    fc.array(fc.constantFrom("first", "first.conv", "head", "head.hidden"), { maxLength: 6 }),
  ])("of the whole model, set to false and back, changes nothing", (frozen) => {
    const model = network();
    for (const path of frozen) model.layer(path).trainable = false;
    const before = trainable(model);
    model.trainable = false;
    expect(model.trainable).toBe(false);
    expect(trainable(model)).toEqual([]);
    expect(namesOf(model.nonTrainableWeights)).toHaveLength(16);
    model.trainable = true;
    expect(trainable(model)).toEqual(before);
  });
});

describe("models that were made from one another", () => {
  it("share weights and what is trainable", () => {
    const base = network();
    const model = base.cut("second").append([layers.globalAveragePool(), layers.dense(2)]);
    expect(model.weights[0]).toBe(base.weights[0]);
    model.layer("first").trainable = false;
    expect(base.layer("first").trainable).toBe(false);
    base.layer("first.norm").trainable = true;
    expect(model.layer("first.norm").trainable).toBe(true);
  });

  it("have trainable new layers on a frozen base", () => {
    const base = network();
    base.trainable = false;
    const model = base.cut("pool").append([layers.dense(4), layers.dense(2)]);
    const added = ["dense.weight", "dense.bias", "dense_1.weight", "dense_1.bias"];
    expect(trainable(model)).toEqual(added);
    const higher = model.append([layers.dense(2, { name: "last" })]);
    expect(trainable(higher)).toEqual([...added, "last.weight", "last.bias"]);
    higher.trainable = false;
    expect(trainable(higher)).toEqual([]);
    expect(trainable(base)).toEqual([]);
    higher.layer("second.conv").trainable = true;
    expect(trainable(base)).toEqual(["second.conv.weight", "second.conv.bias"]);
  });

  it("may have a new layer of the name of one that was cut off", () => {
    const base = network();
    base.layer("head").trainable = false;
    const model = base.cut("pool").append([layers.dense(2, { name: "head" })]);
    expect(model.layer("head").trainable).toBe(true);
    expect(base.layer("head").trainable).toBe(false);
  });
});

describe("freeze and unfreeze", () => {
  it.each([
    ["first", ALL.slice(4)],
    ["*.conv", ALL.filter((name) => !name.includes("conv"))],
    ["**.bias", ALL.filter((name) => !name.endsWith("bias"))],
    ["first.**", ALL.slice(4)],
    ["**", []],
    [undefined, []],
  ])("%s", (pattern, left) => {
    const model = network();
    model.freeze(pattern);
    expect(trainable(model)).toEqual(left);
    model.unfreeze(pattern);
    expect(trainable(model)).toEqual(ALL);
  });

  it("opens what was frozen by itself, inside and around", () => {
    const model = network();
    model.freeze("**.bias");
    model.trainable = false;
    model.unfreeze("head");
    expect(trainable(model)).toEqual(ALL.slice(8));
  });

  it("freezes up to a layer, batch norms among it, and what follows stays", () => {
    const model = network();
    model.freezeUpTo("second.conv");
    expect(trainable(model)).toEqual(ALL.slice(6));
    expect(model.layer("first").trainable).toBe(false);
    expect(model.trainableNorms.size).toBe(1);
    model.freezeUpTo("second");
    expect(model.trainableNorms.size).toBe(0);
  });

  it("says what there is when nothing matches", () => {
    expect(() => network().freeze("encoder.*")).toThrow(
      'Nothing in the model matches "encoder.*". Its layers are first, second, pool, head.',
    );
    expect(() => network().freezeUpTo("secnd")).toThrow(/no layer "secnd".*Did you mean second/);
  });
});
