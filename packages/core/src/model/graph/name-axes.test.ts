import { createGraph, createModel, createNode, type Dim, valueInfo } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { MODULES, stemNetwork } from "../../../test/stem-network.js";
import { goldenNumbers } from "../../../test/training-goldens.js";
import { config, floats, integers, testPlatform } from "../../../test/training-networks.js";
import type { Platform } from "../../platform.js";
import { fitModel } from "../../train/model/fit-model.js";
import { stepSourceOf } from "../../train/model/step-source.js";
import { compileStep } from "../../train/step/compile-step.js";
import { Model } from "../model.js";
import { nameAxes } from "./name-axes.js";

const platform = testPlatform() as Platform & ReturnType<typeof testPlatform>;

/** Shapes of the inputs of a model, before and after. */
function named(...shapes: readonly (readonly Dim[])[]): (readonly Dim[])[] {
  const inputs = shapes.map((shape, i) => valueInfo(`in${i}`, "float32", shape));
  const graph = createGraph({ nodes: [], inputs, outputs: inputs });
  return nameAxes(createModel({ graph, opset: 21 })).graph.inputs.map(({ type }) => type.shape!);
}

describe("dynamic axes of inputs", () => {
  it.each<[string, (readonly Dim[])[], (readonly Dim[])[]]>([
    ["keep names that tell them apart", [["N", "T", 4]], [["N", "T", 4]]],
    ["without names get their own", [[null, null, 4]], [["batch", "in0_1", 4]]],
    ["called ? get their own", [["?", 3, "?", "?"]], [["batch", 3, "in0_2", "in0_3"]]],
    ["called None get their own", [["None", "None"]], [["batch", "in0_1"]]],
    [
      "of one name with the first are told apart",
      [["x", "x"], ["x"]],
      [["batch", "in0_1"], ["batch"]],
    ],
    [
      "of one name behind the first are told apart",
      [["N", 3, "s", "s"]],
      [["N", 3, "in0_2", "in0_3"]],
    ],
    [
      "of the batch are those of the first input",
      [
        ["N", 2],
        ["?", "?"],
      ],
      [
        ["N", 2],
        ["N", "in1_1"],
      ],
    ],
    [
      "that inputs share stay shared",
      [
        ["b", "len"],
        ["b", "len"],
      ],
      [
        ["b", "len"],
        ["b", "len"],
      ],
    ],
    [
      "beside a fixed batch are no batch",
      [
        [1, "?"],
        ["?", 2],
      ],
      [
        [1, "in0_1"],
        ["in1_0", 2],
      ],
    ],
    ["avoid names that are there", [["?", "batch"]], [["batch_1", "batch"]]],
  ])("%s", (_, given, expected) => {
    expect(named(...given)).toEqual(expected);
  });
});

/** Time-major inside: x [batch, time, 4] -> [time, batch, 8] by a matrix -> by another, over time. */
function timeMajor(batch: Dim, time: Dim, opset: "mean" | "last"): Model {
  const weight = (seed: number, ...dims: number[]) =>
    ({ dtype: "float32", dims, data: goldenNumbers(dims[0]! * dims[1]!, seed) }) as const;
  const nodes = [
    createNode("Transpose", ["x"], ["t"], { perm: [1, 0, 2] }),
    createNode("MatMul", ["t", "enc.weight"], ["m"]),
    createNode("Tanh", ["m"], ["th"]),
    createNode("MatMul", ["th", "fc.weight"], ["q"]),
    opset === "mean"
      ? createNode("ReduceMean", ["q", "axes"], ["y"], { keepdims: 0 })
      : createNode("Gather", ["q", "first"], ["y"], { axis: 0 }),
  ];
  const graph = createGraph({
    nodes,
    inputs: [valueInfo("x", "float32", [batch, time, 4])],
    outputs: [valueInfo("y", "float32", [batch, 2])],
    initializers: new Map<
      string,
      ReturnType<typeof weight> | { dtype: "int64"; dims: number[]; data: BigInt64Array }
    >([
      ["enc.weight", weight(1, 4, 8)],
      ["fc.weight", weight(2, 8, 2)],
      ["axes", { dtype: "int64", dims: [1], data: BigInt64Array.of(0n) }],
      ["first", { dtype: "int64", dims: [], data: BigInt64Array.of(0n) }],
    ]),
  });
  return Model.fromOnnx(createModel({ graph, opset: 21, irVersion: 10 }));
}

describe("a value whose first axis is not the batch", () => {
  const train = { inputs: { x: floats(3, 8, 12, 4) }, targets: integers(4, 2, 8) };
  const losses = async (batch: Dim, time: Dim, opset: "mean" | "last", batchSize: number) => {
    const model = timeMajor(batch, time, opset);
    model.layer("enc").trainable = false;
    const settings = config({ epochs: 3, batchSize, learningRate: 0.05, optimizer: "sgd" });
    const { history } = await fitModel(model, { train }, settings, platform);
    return history.map(({ training }) => training.loss);
  };

  describe.each(["mean", "last"] as const)("%s over time", (opset) => {
    it.each<[Dim, Dim]>([
      [null, null],
      ["?", "?"],
      ["None", "None"],
      ["N", "N"],
    ])("is not kept by rows, whatever its axes are called: %s and %s", async (batch, time) => {
      expect(await losses(batch, time, opset, 3)).toEqual(await losses("N", "T", opset, 3));
    });

    it("is not kept by rows where it is as long as a fixed batch", async () => {
      const fixed = timeMajor(8, 8, opset);
      fixed.layer("enc").trainable = false;
      expect(compileStep(stepSourceOf(fixed), config().loss).cut).toEqual([]);
    });
  });
});

describe("images of any size", () => {
  it.each([false, true])(
    "train batch normalisations as images of a fixed size do (frozen kernel: %s)",
    async (frozen) => {
      const train = { inputs: { x: floats(9, 8, 3, 16, 16) }, targets: integers(10, 2, 8) };
      const trained = async (size: readonly [number | string, number | string]) => {
        const model = Model.fromOnnx(stemNetwork(MODULES, size));
        if (frozen) model.freeze(MODULES.kernel);
        const settings = config({ epochs: 3, batchSize: 4, learningRate: 0.05 });
        const { history } = await fitModel(model, { train }, settings, platform);
        return [
          ...history.map(({ training }) => training.loss),
          ...model.weights.flatMap(({ data }) => [...data]),
        ];
      };
      const expected = await trained([16, 16]);
      for (const size of [
        ["H", "W"],
        ["?", "?"],
      ] as const) {
        const actual = await trained(size);
        expect(actual).toHaveLength(expected.length);
        for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
      }
    },
  );
});
