import { differentiate } from "@engraft/autodiff";
import {
  createNode,
  decodeModel,
  encodeModel,
  type Model as OnnxModel,
  renameValues,
} from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { FLAT, stemNetwork } from "../../../test/stem-network.js";
import { config, floats, integers, testPlatform } from "../../../test/training-networks.js";
import * as layers from "../../layers/index.js";
import { Model } from "../../model/model.js";
import type { Platform } from "../../platform.js";
import { feedsOf } from "../../runtime/feeds.js";
import { ortRuntime } from "../../runtime/ort.js";
import { sessionModel } from "../../runtime/session-model.js";
import { fitModel } from "../model/fit-model.js";
import { TrainingStep } from "../model/training-step.js";

const platform = testPlatform() as Platform & ReturnType<typeof testPlatform>;
const x = floats(9, 4, 3, 16, 16);
const targets = integers(10, 2, 4);

/** Values of the network that take another name in turn: an input, inner ones, weights, the output. */
const VALUES = ["x", "features", FLAT.kernel, FLAT.scale, FLAT.mean, FLAT.classes, "y"];

/** Names that Engraft gives itself, and those that objects have anyway. */
const NAMES = [
  "targets",
  "loss",
  "loss/constant.1",
  "grad/w1",
  "gradient/Add.1",
  "fold-norms/constant.1",
  "__proto__",
  "constructor",
  "toString",
];

const rename = (model: OnnxModel, from: string, to: string): OnnxModel => ({
  ...model,
  graph: renameValues(model.graph, new Map([[from, to]])),
});

/** Arrays in an order of their own: that of weights follows the layers that their names tell of. */
const sorted = (arrays: readonly Float32Array[]): string[] =>
  arrays.map((data) => [...data].join()).sort();

/** Losses, gradients and weights of a network that was trained. */
async function trained(onnx: OnnxModel, input: string): Promise<unknown> {
  const model = Model.fromOnnx(onnx);
  const train = { inputs: new Map([[input, x]]), targets };
  const step = await TrainingStep.open(model, {}, platform);
  const { loss, gradients } = await step.valueAndGrad(train);
  await step.close();
  const settings = config({ epochs: 2, batchSize: 2, learningRate: 0.05 });
  const { history } = await fitModel(model, { train }, settings, platform);
  const values = sorted(model.weights.map(({ data }) => data));
  return { loss, gradients: sorted([...gradients.values()]), history, values };
}

describe("a model trains in the same way whatever its values are called", () => {
  it.each(NAMES)("%s", async (name) => {
    const expected = await trained(stemNetwork(FLAT), "x");
    for (const value of VALUES) {
      const renamed = rename(stemNetwork(FLAT), value, name);
      expect(await trained(renamed, value === "x" ? name : "x"), value).toEqual(expected);
    }
  });

  it("with layers of Engraft that make names of their own", async () => {
    const build = (onnx: OnnxModel) =>
      Model.fromOnnx(onnx).append(
        [
          layers.dropout(0.5, { name: "drop" }),
          layers.batchNorm({ name: "norm" }),
          layers.dense(2, { name: "head" }),
        ],
        { seed: 1 },
      );
    const losses = async (model: Model) => {
      const train = { inputs: { x }, targets };
      const { history } = await fitModel(model, { train }, config({ epochs: 2 }), platform);
      return history;
    };
    const expected = await losses(build(stemNetwork(FLAT)));
    for (const name of ["drop/mask", "norm/batch-mean", "norm/batch-count"]) {
      const renamed = rename(stemNetwork(FLAT), "features", name);
      expect(await losses(build(renamed)), name).toEqual(expected);
    }
  });
});

describe("a session", () => {
  it.each(["__proto__", "constructor"])("has inputs and outputs called %s", async (name) => {
    const session = await ortRuntime(ort).createSession(
      sessionModel(rename(stemNetwork(FLAT), "x", name)),
    );
    expect(session.inputNames).toEqual([name]);
    const expected = (await session.run(new Map([[name, x]]))).get("y");
    await expect(session.run(new Map())).rejects.toThrow();
    await session.release();
    const other = await ortRuntime(ort).createSession(
      sessionModel(rename(stemNetwork(FLAT), "y", name)),
    );
    expect(other.outputNames).toEqual([name]);
    expect(await other.run(feedsOf({ x }))).toEqual(new Map([[name, expected]]));
    await other.release();
  });
});

describe("differentiate", () => {
  it.each([
    ["x", "loss"],
    ["x", "grad/w1"],
    [FLAT.kernel, "grad/w1"],
    [FLAT.kernel, "loss"],
  ])("gives its outputs names that the model does not have: %s is called %s", async (from, to) => {
    const model = rename(stemNetwork(FLAT), from, to);
    const nodes = [...model.graph.nodes, createNode("ReduceSum", ["y"], ["sum"], { keepdims: 0 })];
    const outputs = [{ name: "sum", type: { dtype: "float32", shape: [] } } as const];
    const bytes = encodeModel({ ...model, graph: { ...model.graph, nodes, outputs } });
    const wrt = [from === FLAT.kernel ? to : FLAT.kernel, FLAT.classes];
    const session = await ortRuntime(ort).createSession(
      sessionModel(decodeModel(differentiate(bytes, { loss: "sum", wrt }))),
    );
    const taken = new Set([...session.inputNames]);
    expect(session.outputNames).toHaveLength(3);
    expect(session.outputNames.filter((name) => taken.has(name))).toEqual([]);
    const weight = (name: string) => model.graph.initializers.get(name)!;
    const feeds = new Map([
      [from === "x" ? to : "x", x],
      ...wrt.map((name) => [name, weight(name)] as const),
    ]);
    const results = [...(await session.run(feeds)).values()];
    expect(results.map(({ dims }) => dims.join())).toEqual(["", "8,3,3,3", "8,2"]);
    await session.release();
  });
});
