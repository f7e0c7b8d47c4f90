import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { goldenNumbers, trainingGoldens } from "../../../test/training-goldens.js";
import { createOptimizer, createSlots, optimizerConfigSchema } from "./index.js";
import { denseRows, RowUpdater, sumRows } from "./row-sparse.js";

const float = fc.float({ min: -4, max: 4, noNaN: true });

const f32 = Math.fround;

describe("updates", () => {
  it.each(trainingGoldens.optimizers)(
    "are those of PyTorch: $config, decay $weightDecay",
    (golden) => {
      const optimizer = createOptimizer(golden.config);
      const weight = goldenNumbers(golden.weight.length, 1);
      const slots = createSlots(optimizer, weight.length);
      for (let step = 1; step <= 6; step++) {
        const gradient = goldenNumbers(weight.length, 9 + step);
        optimizer.update({ ...golden, weight, gradient, slots, step });
      }
      weight.forEach((value, i) => {
        expect(Math.abs(value - golden.weight[i]!)).toBeLessThanOrEqual(1e-6);
      });
    },
  );

  test.prop([fc.constantFrom("sgd", "adamw"), fc.integer({ min: 0, max: 5 })])(
    "touch a range alone",
    (name, start) => {
      const optimizer = createOptimizer(optimizerConfigSchema.parse(name));
      const gradient = goldenNumbers(6, 3);
      const common = { learningRate: 0.1, weightDecay: 0.1, step: 1 };
      const whole = goldenNumbers(6, 1);
      optimizer.update({ ...common, weight: whole, gradient, slots: createSlots(optimizer, 6) });
      const part = goldenNumbers(6, 1);
      const range = { start, end: start + 1, gradientStart: 0 };
      const slots = createSlots(optimizer, 6);
      optimizer.update({ ...common, weight: part, gradient: gradient.slice(start), slots, range });
      const expected = goldenNumbers(6, 1);
      expected[start] = whole[start]!;
      expect(part).toEqual(expected);
    },
  );

  test.prop([
    fc.constantFrom("sgd", "adamw"),
    fc.array(fc.array(float, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 }),
    fc.nat(8),
  ])("are the same, to the bit, where arrays were placed", (name, gradients, skipped) => {
    const optimizer = createOptimizer(optimizerConfigSchema.parse(name));
    const common = { learningRate: 0.1, weightDecay: 0.1, step: 1 };
    const states = gradients.map(({ length }, i) => [
      goldenNumbers(length, i),
      ...createSlots(optimizer, length),
    ]);
    const placed = optimizer.place(states.flat());
    gradients.forEach((values, i) => {
      const start = Math.min(skipped, values.length);
      const range = { start, end: values.length, gradientStart: start };
      const gradient = Float32Array.from(values);
      const update = ([weight, ...slots]: Float32Array[]) =>
        optimizer.update({ ...common, weight: weight!, slots, gradient, range });
      const width = states[i]!.length;
      update(states[i]!);
      update(placed.slice(i * width, (i + 1) * width));
    });
    expect(placed.map((array) => [...array])).toEqual(states.flat().map((array) => [...array]));
  });

  test.prop([fc.integer({ min: 1, max: 20_000 })], { numRuns: 5 })(
    "of AdamW are those of its formula, root and division in single precision, to the bit",
    (length) => {
      const optimizer = createOptimizer(optimizerConfigSchema.parse("adamw"));
      const weight = goldenNumbers(length, 1);
      const gradient = goldenNumbers(length, 2);
      const update = { learningRate: 0.1, weightDecay: 0.1, step: 1 };
      const slots = createSlots(optimizer, length);
      optimizer.update({ ...update, weight, gradient, slots });
      const expected = goldenNumbers(length, 1).map((value, i) => {
        const mean = f32((1 - 0.9) * gradient[i]!);
        const variance = f32((1 - 0.999) * gradient[i]! * gradient[i]!);
        const correction = f32(1 / Math.sqrt(1 - 0.999));
        const deviation = f32(f32(Math.sqrt(variance)) * correction);
        const descent = f32(f32(0.1 / (1 - 0.9)) * mean);
        return value * (1 - 0.1 * 0.1) - f32(descent / f32(deviation + f32(1e-8)));
      });
      expect(weight).toEqual(expected);
    },
  );
});

describe("configuration", () => {
  it("fills in the defaults of a name", () => {
    expect(optimizerConfigSchema.parse("adamw")).toEqual({
      name: "adamw",
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    });
    expect(optimizerConfigSchema.parse({ name: "sgd", momentum: 0 })).toEqual({
      name: "sgd",
      momentum: 0,
      nesterov: false,
    });
  });

  it.each([
    { name: "adam" },
    { name: "adamw", momentum: 0.9 },
    { name: "adamw", beta2: 1 },
    { name: "adamw", epsilon: 0 },
    { name: "sgd", momentum: 0, nesterov: true },
  ])("refuses %j", (config) => {
    expect(optimizerConfigSchema.safeParse(config).success).toBe(false);
  });
});

describe("rows", () => {
  it("are summed where they are read repeatedly", () => {
    const first = {
      rows: BigInt64Array.of(4n, 1n, 4n, -1n),
      values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    };
    const summed = sumRows([first], [5, 2]);
    expect(summed).toEqual({ rows: Int32Array.of(1, 4), values: Float32Array.of(3, 4, 13, 16) });
    const second = { rows: Int32Array.of(0, 1), values: Float32Array.of(1, 1, 1, 1) };
    expect(sumRows([summed, second], [5, 2])).toEqual({
      rows: Int32Array.of(0, 1, 4),
      values: Float32Array.of(1, 1, 4, 5, 13, 16),
    });
    expect(denseRows(summed, [5, 2])).toEqual(Float32Array.of(0, 0, 3, 4, 0, 0, 0, 0, 13, 16));
  });

  const rows = 6;
  const width = 3;
  const step = fc.array(
    fc.tuple(fc.nat(rows - 1), fc.array(float, { minLength: width, maxLength: width })),
    {
      maxLength: 5,
    },
  );

  test.prop([
    fc.constantFrom(
      { name: "sgd", momentum: 0 } as const,
      { name: "sgd", nesterov: true } as const,
      "adamw" as const,
    ),
    fc.constantFrom(0, 0.3),
    fc.array(step, { minLength: 1, maxLength: 6 }),
    fc.boolean(),
  ])("give the bits of the dense update", (config, weightDecay, steps, resume) => {
    const optimizer = createOptimizer(optimizerConfigSchema.parse(config));
    const state = () => ({
      weight: goldenNumbers(rows * width, 1),
      slots: createSlots(optimizer, rows * width),
    });
    const dense = state();
    const sparse = state();
    let updater = new RowUpdater(optimizer, [rows, width], sparse.slots);
    steps.forEach((reads, index) => {
      const common = { learningRate: 0.1, weightDecay, step: index + 1 };
      const read = {
        rows: Int32Array.from(reads, ([row]) => row),
        values: Float32Array.from(reads.flatMap(([, values]) => values)),
      };
      const gradient = sumRows([read], [rows, width]);
      const whole = denseRows(gradient, [rows, width]);
      optimizer.update({ ...common, ...dense, gradient: whole });
      if (resume) updater = new RowUpdater(optimizer, [rows, width], sparse.slots);
      updater.update({ ...common, ...sparse, gradient });
    });
    expect(sparse).toEqual(dense);
  });
});
