import { differentiateModel } from "@engraft/autodiff";
import {
  createGraph,
  createModel,
  GraphBuilder,
  type Model,
  type Tensor,
  valueInfo,
} from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { goldenNumbers, trainingGoldens } from "../../../test/training-goldens.js";
import { UsageError } from "../../errors.js";
import { ortRuntime } from "../../runtime/ort.js";
import { sessionModel } from "../../runtime/session-model.js";
import { type LossConfig, lossConfigSchema, writeLoss } from "./index.js";

/** Name of the targets. */
const TARGETS = "targets";

const runtime = ortRuntime(ort);
type Golden = (typeof trainingGoldens.losses)[number];

/** The loss on top of an input named `output`. */
function lossModel(config: LossConfig, columns: number) {
  const builder = new GraphBuilder("loss");
  const output = valueInfo("output", "float32", ["batch", columns]);
  const written = writeLoss(builder, config, output, TARGETS);
  const graph = createGraph({
    name: "loss",
    nodes: builder.nodes,
    initializers: builder.initializers,
    inputs: [output, written.targets],
    outputs: [written.loss, written.weightSum].map((name) => valueInfo(name, "float32", [])),
  });
  return { model: createModel({ graph, opset: 21 }), written };
}

async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await runtime.createSession(sessionModel(model));
  try {
    return Object.fromEntries(await session.run(new Map(Object.entries(feeds))));
  } finally {
    await session.release();
  }
}

function feedsOf({ shape, scale, targets, targetShape, config }: Golden): Record<string, Tensor> {
  const output = goldenNumbers(shape[0] * shape[1], 3, scale);
  return {
    output: { dtype: "float32", dims: shape, data: output },
    [TARGETS]:
      config.name === "cross-entropy"
        ? { dtype: "int64", dims: targetShape, data: BigInt64Array.from(targets, BigInt) }
        : { dtype: "float32", dims: targetShape, data: Float32Array.from(targets) },
  };
}

/** Rows `start` to `end` of every tensor. */
function rowsOf(feeds: Record<string, Tensor>, start: number, end: number): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => {
      const width = tensor.data.length / tensor.dims[0]!;
      const dims = [end - start, ...tensor.dims.slice(1)];
      return [
        name,
        { ...tensor, dims, data: tensor.data.slice(start * width, end * width) } as Tensor,
      ];
    }),
  );
}

const scalar = (tensor: Tensor | undefined): number => Number(tensor!.data[0]);

/** Equal but for the rounding of single precision. */
function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
}

describe.each(trainingGoldens.losses)("$config, outputs of scale $scale", (golden) => {
  const { model, written } = lossModel(golden.config, golden.shape[1]);

  it("has the value that PyTorch has", async () => {
    const outputs = await run(model, feedsOf(golden));
    expectClose(scalar(outputs[written.loss]), golden.loss);
  });

  it("has the gradient that PyTorch has", async () => {
    const trained = differentiateModel(model, { loss: written.loss, wrt: ["output"] });
    const outputs = await run(trained.model, feedsOf(golden));
    const gradient = outputs[trained.gradients.get("output")!]!.data as Float32Array;
    golden.gradient.forEach((value, i) => {
      expectClose(gradient[i]!, value);
    });
  });

  it.skipIf(golden.config.name === "cosine-similarity")(
    "of a batch is that of its parts by their weight sums",
    async () => {
      const feeds = feedsOf(golden);
      const whole = await run(model, feeds);
      let sum = 0;
      let weights = 0;
      for (const [start, end] of [
        [0, 1],
        [1, golden.shape[0]],
      ] as const) {
        const part = await run(model, rowsOf(feeds, start, end));
        sum += scalar(part[written.loss]) * scalar(part[written.weightSum]);
        weights += scalar(part[written.weightSum]);
      }
      expect(weights).toBeCloseTo(scalar(whole[written.weightSum]), 5);
      expectClose(sum / weights, scalar(whole[written.loss]));
    },
  );
});

describe("misuse", () => {
  it("names the shape that a loss needs", () => {
    const write = (config: LossConfig) =>
      writeLoss(
        new GraphBuilder("loss"),
        config,
        valueInfo("pooled", "float32", ["batch", 4, 4]),
        TARGETS,
      );
    expect(() => write({ name: "huber", delta: 1 })).toThrow(UsageError);
    expect(() => write({ name: "huber", delta: 1 })).toThrow(
      /float32 \[batch, numbers\].*"pooled"/s,
    );
  });

  it("counts class weights", () => {
    const config = lossConfigSchema.parse({ name: "cross-entropy", classWeights: [1, 2] });
    expect(() => lossModel(config, 3)).toThrow("2 class weights for 3 classes");
  });

  it("refuses a target that is not a class", async () => {
    const { model } = lossModel(lossConfigSchema.parse("cross-entropy"), 3);
    const output: Tensor = { dtype: "float32", dims: [1, 3], data: new Float32Array(3) };
    const targets: Tensor = { dtype: "int64", dims: [1], data: BigInt64Array.of(3n) };
    await expect(run(model, { output, [TARGETS]: targets })).rejects.toThrow(/out of/);
  });

  it.each(["hinge", { name: "cross-entropy", labelSmoothing: 1 }, { name: "huber", delta: 0 }])(
    "refuses the configuration %j",
    (config) => {
      expect(lossConfigSchema.safeParse(config).success).toBe(false);
    },
  );
});
