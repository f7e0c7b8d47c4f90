import type { Tensor } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import {
  classes,
  config,
  countingRuntime,
  expectClose,
  floats,
  testPlatform,
} from "../../../test/training-networks.js";
import { UsageError } from "../../errors.js";
import * as layers from "../../layers/index.js";
import { Model } from "../../model/model.js";
import { createRandom } from "../../random/random.js";
import { shuffledBatches } from "../feed/batches.js";
import { takeRows } from "../feed/example-source.js";
import type { FitConfigInput } from "../settings/config.js";
import { createSchedule } from "../settings/schedules.js";
import { fitModel } from "./fit-model.js";
import type { TensorExamples } from "./prepare-examples.js";
import { TrainingStep } from "./training-step.js";

const WIDTH = 5;
const COUNT = 12;

const examples: TensorExamples = {
  inputs: { input: floats(3, COUNT, WIDTH) },
  targets: classes(5, COUNT),
};

/** Some rows of the examples. */
function batchOf(rows: readonly number[]): TensorExamples {
  const { input } = examples.inputs as { readonly input: Tensor };
  return { inputs: { input: takeRows(input, rows) }, targets: takeRows(examples.targets, rows) };
}

const network = (...between: Parameters<Model["append"]>[0]): Model =>
  Model.sequential(
    [WIDTH],
    [
      layers.dense(6, { name: "below", activation: "tanh" }),
      ...between,
      layers.dense(3, { name: "above" }),
    ],
    { seed: 1 },
  );

const valuesOf = (model: Model) => model.weights.map(({ name, data }) => [name, [...data]]);

/** Trains as `fit` does, with the batches that it draws, by single steps. */
async function fitBySteps(model: Model, input: FitConfigInput): Promise<number[]> {
  const { epochs, batchSize, learningRate, seed, schedule } = config(input);
  const { epochs: _, batchSize: __, schedule: ___, ...rest } = input;
  const step = await TrainingStep.open(model, rest, testPlatform());
  const updates = Math.ceil(COUNT / batchSize);
  const rateOf = createSchedule(schedule, updates * epochs);
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const drawn = { count: COUNT, size: batchSize, dropLast: false, lengths: undefined };
    for (const rows of shuffledBatches(drawn, createRandom(seed), epoch)) {
      const { loss, gradients } = await step.valueAndGrad(batchOf(rows));
      await step.apply(gradients, { learningRate: learningRate * rateOf(losses.length) });
      losses.push(loss);
    }
  }
  await step.close();
  return losses;
}

describe("a loop of single steps", () => {
  it.each([
    ["dense layers", () => network(), {}],
    ["dropout", () => network(layers.dropout(0.4)), { seed: 3 }],
    ["batch normalisation", () => network(layers.batchNorm({ name: "norm" })), {}],
    [
      "clipped gradients and groups",
      () => network(),
      { maxGradientNorm: 0.1, groups: [{ match: "above.**", learningRate: 0.3 }] },
    ],
    ["SGD", () => network(), { optimizer: "sgd", weightDecay: 0.1 }],
  ] as const)("makes the weights and losses of fit, to the bit: %s", async (_, build, settings) => {
    const input: FitConfigInput = { ...settings, epochs: 3, batchSize: 4, learningRate: 0.05 };
    const [fitted, stepped] = [build(), build()];
    const fitLosses: number[] = [];
    await fitModel(fitted, { train: examples }, config(input), platformOf(), {
      onEvent: (event) => event.type === "step" && fitLosses.push(event.loss),
    });
    expect(await fitBySteps(stepped, input)).toEqual(fitLosses);
    expect(valuesOf(stepped)).toEqual(valuesOf(fitted));
    expect(valuesOf(stepped)).not.toEqual(valuesOf(build()));
  });
});

/** A platform that has what tensors need. */
function platformOf(): Parameters<typeof fitModel>[3] {
  const unused = async (): Promise<never> => {
    throw new Error("no tensors");
  };
  return {
    ...testPlatform(),
    linearAlgebra: { multiply: unused },
    sha256: unused,
    prepareImage: unused,
  };
}

describe("valueAndGrad", () => {
  it("gives the slope of the loss by every number of a weight", async () => {
    const model = network();
    const step = await TrainingStep.open(model, {}, testPlatform());
    const { gradients } = await step.valueAndGrad(examples);
    const width = 0.01;
    for (const { name, data } of model.weights) {
      for (let i = 0; i < data.length; i++) {
        const value = data[i]!;
        const lossAt = async (shifted: number): Promise<number> => {
          data[i] = shifted;
          return (await step.valueAndGrad(examples)).loss;
        };
        const slope = ((await lossAt(value + width)) - (await lossAt(value - width))) / (2 * width);
        data[i] = value;
        expect(gradients.get(name)![i]!, `${name}[${i}]`).toBeCloseTo(slope, 3);
      }
    }
    await step.close();
  });

  it("leaves out what is frozen", async () => {
    const model = network();
    model.layer("below").trainable = false;
    const step = await TrainingStep.open(model, {}, testPlatform());
    const { gradients } = await step.valueAndGrad(examples);
    expect([...gradients.keys()]).toEqual(["above.weight", "above.bias"]);
    await step.close();
  });

  it("leaves the weights alone, and moves running statistics as a forward pass of training does", async () => {
    const model = network(layers.batchNorm({ name: "norm", momentum: 0.9 }));
    const before = new Map(model.weights.map(({ name, data }) => [name, data.slice()]));
    const step = await TrainingStep.open(model, {}, testPlatform());
    const first = await step.valueAndGrad(examples);
    const again = await step.valueAndGrad(examples);
    expect(again.loss).toBe(first.loss);
    for (const { name, kind, data } of model.weights) {
      if (kind === "parameter") expect(data, name).toEqual(before.get(name));
      else expect(data, name).not.toEqual(before.get(name));
    }
    await step.close();
  });

  it("draws new dropout masks in every call, and the same ones in a step with the same seed", async () => {
    const model = network(layers.dropout(0.5));
    const losses = async (seed: number): Promise<number[]> => {
      const step = await TrainingStep.open(model, { seed }, testPlatform());
      const found = [await step.valueAndGrad(examples), await step.valueAndGrad(examples)];
      await step.close();
      return found.map(({ loss }) => loss);
    };
    const [first, second] = await losses(1);
    expect(first).not.toBe(second);
    expect(await losses(1)).toEqual([first, second]);
    expect(await losses(2)).not.toEqual([first, second]);
  });

  it("of parts of a batch adds up to that of the whole by weightSum", async () => {
    const step = await TrainingStep.open(
      network(),
      { loss: { name: "cross-entropy", classWeights: [1, 2, 5] } },
      testPlatform(),
    );
    const whole = await step.valueAndGrad(examples);
    const parts = [
      await step.valueAndGrad(batchOf([0, 1, 2, 3, 4])),
      await step.valueAndGrad(batchOf([5, 6, 7, 8, 9, 10, 11])),
    ];
    expect(parts[0]!.weightSum + parts[1]!.weightSum).toBeCloseTo(whole.weightSum, 5);
    for (const [name, gradient] of whole.gradients) {
      const sum = gradient.map((_, i) =>
        parts.reduce((total, part) => total + part.gradients.get(name)![i]! * part.weightSum, 0),
      );
      expectClose(
        sum.map((value) => value / whole.weightSum),
        gradient,
      );
    }
    await step.close();
  });
});

describe("a training step", () => {
  it("is compiled and loaded once, however often it is used", async () => {
    const runtime = countingRuntime();
    const model = network();
    model.layer("below").trainable = false;
    const step = await TrainingStep.open(model, {}, testPlatform(runtime));
    expect(runtime.created).toBe(2);
    for (let i = 0; i < 3; i++) {
      const { gradients } = await step.valueAndGrad(examples);
      await step.apply(gradients);
      await step.evaluate(examples);
    }
    // The prefix, the training part and the evaluation part.
    expect(runtime.created).toBe(3);
    await step.close();
    await step.close();
    expect(runtime.released).toBe(3);
  });

  it("computes with the weights as they are in the model, and measures without dropout", async () => {
    const model = network(layers.dropout(0.5));
    const step = await TrainingStep.open(model, {}, testPlatform());
    const before = await step.evaluate(examples);
    expect(await step.evaluate(examples)).toEqual(before);
    for (const weight of model.weights) weight.data = new Float32Array(weight.size);
    const { loss, accuracy } = await step.evaluate(examples);
    expect(loss).toBeCloseTo(Math.log(3), 6);
    expect(accuracy).toBe(
      [...examples.targets.data].filter((target) => target === 0n).length / COUNT,
    );
    await step.close();
  });

  it("takes gradients that were changed, and leaves them as they are", async () => {
    const model = network();
    const step = await TrainingStep.open(
      model,
      { optimizer: { name: "sgd", momentum: 0 }, maxGradientNorm: 1e-3 },
      testPlatform(),
    );
    const before = new Map(model.weights.map(({ name, data }) => [name, data.slice()]));
    const gradients = new Map(
      model.weights.map(({ name, size }) => [name, new Float32Array(size)]),
    );
    gradients.get("above.bias")!.set([0, 8, 0]);
    await step.apply(gradients, { learningRate: 100 });
    expect(gradients.get("above.bias")).toEqual(Float32Array.of(0, 8, 0));
    for (const { name, data } of model.weights) {
      const expected = before.get(name)!.slice();
      if (name === "above.bias") expected[1]! -= 0.1;
      expectClose(data, expected);
    }
    await step.close();
  });

  it("answers calls in their order, each with the weights that the one before left", async () => {
    const [alone, together] = [network(), network()];
    const one = await TrainingStep.open(alone, {}, testPlatform());
    const { gradients } = await one.valueAndGrad(examples);
    await one.apply(gradients);
    const expected = await one.valueAndGrad(examples);
    const other = await TrainingStep.open(together, {}, testPlatform());
    const [, found] = await Promise.all([other.apply(gradients), other.valueAndGrad(examples)]);
    expect(found.loss).toBe(expected.loss);
    await one.close();
    await other.close();
  });

  it.each([
    ["batch.targets", { targets: classes(5, 3) }, /batch/],
    ["batch.inputs", { inputs: {} }, /no tensor for the input "input"/],
  ])("refuses a batch whose %s do not fit, and goes on", async (_, wrong, message) => {
    const step = await TrainingStep.open(network(), {}, testPlatform());
    await expect(step.valueAndGrad({ ...examples, ...wrong })).rejects.toThrow(message);
    await expect(step.evaluate({ ...examples, ...wrong })).rejects.toThrow(UsageError);
    expect((await step.valueAndGrad(examples)).loss).toBeGreaterThan(0);
    await step.close();
  });

  it("refuses gradients that are missing or of another size, and rates that are none", async () => {
    const step = await TrainingStep.open(network(), {}, testPlatform());
    const { gradients } = await step.valueAndGrad(examples);
    await expect(step.apply(new Map())).rejects.toThrow(/"below.weight" has 30 numbers, and none/);
    const short = new Map([...gradients, ["above.bias", new Float32Array(2)]]);
    await expect(step.apply(short)).rejects.toThrow(/"above.bias" has 3 numbers, and 2 are given/);
    await expect(step.apply(gradients, { learningRate: -1 })).rejects.toThrow(/learningRate is -1/);
    await step.close();
  });

  it("refuses to go on where other layers are trainable than were compiled", async () => {
    const model = network();
    const step = await TrainingStep.open(model, {}, testPlatform());
    model.layer("below").trainable = false;
    await expect(step.valueAndGrad(examples)).rejects.toThrow(/Compile it again/);
    model.layer("below").trainable = true;
    expect((await step.valueAndGrad(examples)).loss).toBeGreaterThan(0);
    await step.close();
  });

  it("answers nothing once it is closed", async () => {
    const step = await TrainingStep.open(network(), {}, testPlatform());
    await step[Symbol.asyncDispose]();
    await expect(step.valueAndGrad(examples)).rejects.toThrow(/was closed/);
  });

  it("refuses settings that are none of a single update, and models without anything to train", async () => {
    const open = (model: Model, options: object) =>
      TrainingStep.open(model, options, testPlatform());
    await expect(open(network(), { epochs: 3 })).rejects.toThrow(/training step is not valid/);
    await expect(open(network(), { learningRate: 0 })).rejects.toThrow(/"learningRate"/);
    const frozen = network();
    frozen.trainable = false;
    await expect(open(frozen, {})).rejects.toThrow(/No weight is trainable/);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(open(network(), { signal })).rejects.toThrow("enough");
  });
});
