import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  classes,
  config,
  convolutional,
  embedding,
  floats,
  integers,
  perceptron,
  sourceOf,
  TOKENS,
  testRuntime,
} from "../../test/training-networks.js";
import type { Runtime } from "../runtime/runtime.js";
import { compileStep, type StepSource } from "./compile-step.js";
import type { FitConfigInput } from "./config.js";
import { takeRows } from "./example-source.js";
import { initialState, stepSettings } from "./fit.js";
import type { Feeds } from "./sizes.js";
import { type StepEngine, StepRunner, type TrainingState } from "./step-runner.js";

async function open(
  source: StepSource,
  input: FitConfigInput = {},
  runtime: Runtime = testRuntime(),
): Promise<StepEngine> {
  const settings = config(input);
  const step = compileStep(source, settings.loss);
  const state = initialState(source, step, settings);
  return StepRunner.open(runtime, step, stepSettings(step, settings, {}), state);
}

function rowsOf(feeds: Feeds, start: number, end: number): Feeds {
  const rows = Array.from({ length: end - start }, (_, row) => start + row);
  return Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [name, takeRows(tensor, rows)]),
  );
}

/** Equal but for the rounding of single precision. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, within = 2e-6): void {
  expect(actual).toHaveLength(expected.length);
  Array.from(expected).forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(within * Math.max(1, Math.abs(value)));
  });
}

function expectSameWeights(actual: TrainingState, expected: TrainingState): void {
  expect([...actual.weights.keys()]).toEqual([...expected.weights.keys()]);
  for (const [name, data] of expected.weights) expectClose(actual.weights.get(name)!, data);
}

const vectors = (count: number, seed = 3): Feeds => ({
  x: floats(seed, count, 5),
  ...classes(seed, count),
});
const pictures = (count: number, seed = 3): Feeds => ({
  pixels: floats(seed, count, 2, 6, 6),
  ...classes(seed, count),
});
const texts = (count: number, seed = 3): Feeds => ({
  ids: integers(seed, TOKENS, count, 4),
  mask: { dtype: "int64", dims: [count, 4], data: new BigInt64Array(count * 4).fill(1n) },
  ...classes(seed, count),
});

describe("one update of several batches", () => {
  const weighted = { name: "cross-entropy", classWeights: [1, 3, 0.5] } as const;
  const networks = {
    perceptron: [sourceOf(perceptron(), [""]), vectors(7)],
    embedding: [sourceOf(embedding(), [""]), texts(7)],
  } as const;

  test.prop(
    [
      fc.constantFrom("perceptron", "embedding"),
      fc.constantFrom("cross-entropy", weighted),
      fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
      fc.constantFrom(undefined, 0.05),
    ],
    { numRuns: 20 },
  )("is that of one large batch", async (name, loss, cuts, maxGradientNorm) => {
    const [source, batch] = networks[name];
    const input = { loss, maxGradientNorm, optimizer: "sgd" } as const;
    const whole = await open(source, input);
    const parts = await open(source, input);
    const bounds = [0, ...cuts.sort((a, b) => a - b), 7];
    const batches = bounds.slice(1).map((end, i) => rowsOf(batch, bounds[i]!, end));
    const expected = await whole.update([batch], 0.5);
    const actual = await parts.update(batches, 0.5);
    expect(actual.gradientNorm).toBeCloseTo(expected.gradientNorm, 5);
    expectSameWeights(await parts.state(), await whole.state());
  });

  it("counts as one", async () => {
    const engine = await open(sourceOf(perceptron(), [""]));
    await engine.update([vectors(2), vectors(2, 4)], 0.1);
    expect((await engine.state()).updates).toBe(1);
  });
});

describe("clipping", () => {
  it("shortens all gradients by one factor and reports the norm from before", async () => {
    const input = { optimizer: { name: "sgd", momentum: 0 }, maxGradientNorm: 0.01 } as const;
    const source = sourceOf(perceptron(), [""]);
    const clipped = await open(source, input);
    const before = await clipped.state();
    const { gradientNorm } = await clipped.update([vectors(4)], 1);
    const after = await clipped.state();
    const free = await open(source, { optimizer: input.optimizer });
    expect((await free.update([vectors(4)], 1)).gradientNorm).toBe(gradientNorm);
    expect(gradientNorm).toBeGreaterThan(0.01);
    const moved = Array.from(after.weights, ([name, data]) =>
      data.reduce((sum, value, i) => sum + (value - before.weights.get(name)![i]!) ** 2, 0),
    );
    expect(Math.sqrt(moved.reduce((a, b) => a + b))).toBeCloseTo(0.01, 5);
  });
});

describe("a batch normalisation", () => {
  const trainable = ["one.normalized", "two.normalized"];

  it("that is trained moves its running statistics as PyTorch does", async () => {
    const engine = await open(sourceOf(convolutional(), [""], trainable));
    const before = await engine.state();
    const batch = pictures(4);
    // The first normalisation sees the convolution of the pixels: computed here from scratch.
    const { mean, variance } = channelStatistics(
      convolve(batch["pixels"]!.data as Float32Array, before.weights.get("one.weight")!, 4),
      4,
    );
    await engine.update([batch], 0);
    const { states } = await engine.state();
    const start = (name: string) => before.states.get(name)!;
    expectClose(
      states.get("one.norm.mean")!,
      mean.map((value, c) => 0.9 * start("one.norm.mean")[c]! + 0.1 * value),
    );
    expectClose(
      states.get("one.norm.variance")!,
      variance.map((value, c) => 0.9 * start("one.norm.variance")[c]! + 0.1 * value),
    );
  });

  it("that is trained normalises by its batch, and by what it has stored when it is evaluated", async () => {
    const engine = await open(sourceOf(convolutional(), [""], trainable));
    const frozen = await open(sourceOf(convolutional(), [""]));
    const batch = pictures(4);
    const stored = await frozen.evaluate(batch);
    expect((await engine.evaluate(batch)).predictions).toEqual(stored.predictions);
    const [{ predictions }] = (await engine.update([batch], 0)).batches as [typeof stored];
    expect(predictions).not.toEqual(stored.predictions);
  });

  it("that is frozen uses what is stored and moves nothing but its scale and shift", async () => {
    const engine = await open(sourceOf(convolutional(), [""]));
    const batch = pictures(4);
    const expected = await engine.evaluate(batch);
    const [{ predictions, loss }] = (await engine.update([batch], 0.1)).batches as [
      typeof expected,
    ];
    expectClose(predictions.data as Float32Array, expected.predictions.data as Float32Array);
    expect(loss).toBeCloseTo(expected.loss, 6);
    expect((await engine.state()).states.size).toBe(0);
  });
});

describe("dropout", () => {
  const source = sourceOf(perceptron({ dropout: 0.5 }), [""]);

  it("depends on the seed and the number of the update", async () => {
    const losses = async (seed: number, updates: number): Promise<number[]> => {
      const engine = await open(source, { seed });
      const found: number[] = [];
      for (let i = 0; i < updates; i++) {
        found.push((await engine.update([vectors(8)], 0)).batches[0]!.loss);
      }
      return found;
    };
    const first = await losses(1, 4);
    expect(await losses(1, 4)).toEqual(first);
    expect(await losses(2, 4)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  it("is not repeated for the batches of one update", async () => {
    const engine = await open(source);
    const { batches } = await engine.update([vectors(8), vectors(8)], 0);
    expect(batches[0]!.loss).not.toBe(batches[1]!.loss);
  });

  it("keeps the mean: what is left is scaled up", async () => {
    const engine = await open(source);
    const { predictions } = await engine.evaluate(vectors(4));
    const width = predictions.data.length;
    const mean = new Float64Array(width);
    const runs = 400;
    for (let i = 0; i < runs; i++) {
      const [batch] = (await engine.update([vectors(4)], 0)).batches;
      for (let k = 0; k < width; k++) mean[k]! += Number(batch!.predictions.data[k]) / runs;
    }
    for (let k = 0; k < width; k++) {
      expect(Math.abs(mean[k]! - Number(predictions.data[k]))).toBeLessThan(0.2);
    }
  });
});

describe("sessions", () => {
  it.each([
    ["a perceptron", sourceOf(perceptron(), [""]), vectors(6)],
    [
      "convolutions",
      sourceOf(convolutional(), [""], ["one.normalized", "two.normalized"]),
      pictures(6),
    ],
    ["an embedding", sourceOf(embedding(), [""]), texts(6)],
  ])("that are optimised and not agree on %s", async (_, source, batch) => {
    const optimised = await open(source, {}, testRuntime("all"));
    const plain = await open(source, {}, testRuntime("disabled"));
    const expected = await plain.gradients(batch);
    const { loss, gradients } = await optimised.gradients(batch);
    expect(loss).toBeCloseTo(expected.loss, 5);
    for (const [name, gradient] of expected.gradients) expectClose(gradients.get(name)!, gradient);
  });
});

describe("gradients", () => {
  it("are those of the update, which they leave to others", async () => {
    const source = sourceOf(perceptron(), [""]);
    const engine = await open(source, { optimizer: { name: "sgd", momentum: 0 } });
    const before = await engine.state();
    const { gradients } = await engine.gradients(vectors(5));
    expect(await engine.state()).toEqual(before);
    await engine.update([vectors(5)], 0.25);
    const after = await engine.state();
    for (const [name, gradient] of gradients) {
      const expected = before.weights.get(name)!.map((value, i) => value - 0.25 * gradient[i]!);
      expectClose(after.weights.get(name)!, expected);
    }
  });
});

/** A 3 x 3 convolution with zeros around, in double precision: [batch, filters, 6 · 6]. */
function convolve(pixels: Float32Array, kernel: Float32Array, batch: number): number[][][] {
  const at = (n: number, c: number, y: number, x: number): number =>
    y < 0 || x < 0 || y > 5 || x > 5 ? 0 : pixels[((n * 2 + c) * 6 + y) * 6 + x]!;
  return Array.from({ length: batch }, (_, n) =>
    Array.from({ length: 4 }, (_, f) =>
      Array.from({ length: 36 }, (_, place) => {
        let sum = 0;
        for (let tap = 0; tap < 18; tap++) {
          const [c, ky, kx] = [Math.floor(tap / 9), Math.floor(tap / 3) % 3, tap % 3];
          const [y, x] = [Math.floor(place / 6) + ky - 1, (place % 6) + kx - 1];
          sum += kernel[f * 18 + tap]! * at(n, c, y, x);
        }
        return sum;
      }),
    ),
  );
}

/** Mean and unbiased variance of each channel. */
function channelStatistics(
  values: number[][][],
  channels: number,
): { mean: number[]; variance: number[] } {
  const all = Array.from({ length: channels }, (_, c) => values.flatMap((row) => row[c]!));
  const mean = all.map((list) => list.reduce((a, b) => a + b) / list.length);
  const variance = all.map(
    (list, c) => list.reduce((sum, v) => sum + (v - mean[c]!) ** 2, 0) / (list.length - 1),
  );
  return { mean, variance };
}
