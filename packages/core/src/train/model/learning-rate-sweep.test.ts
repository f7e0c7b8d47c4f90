import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../errors.js";
import { learningRateSweep, SmoothedLoss, suggestLearningRate } from "./learning-rate-sweep.js";

/** The usual curve: flat, falling around 1e-3, then rising steeply above 1e-1. */
const curve = (rate: number): number =>
  2 - 1.5 / (1 + (1e-3 / rate) ** 2) + (rate > 0.1 ? (rate / 0.1 - 1) * 5 : 0);

describe("learningRateSweep", () => {
  it("grows by a constant factor", () => {
    const rates = learningRateSweep({ start: 1e-5, end: 1e-1, steps: 5 });
    [1e-5, 1e-4, 1e-3, 1e-2, 1e-1].forEach((rate, i) => {
      expect(rates[i]! / rate).toBeCloseTo(1, 12);
    });
  });

  it.each([{ start: 0 }, { start: 2 }, { steps: 1 }])("refuses %j", (options) => {
    expect(() => learningRateSweep(options)).toThrow(UsageError);
  });
});

describe("SmoothedLoss", () => {
  test.prop([fc.double({ min: 0.1, max: 10, noNaN: true }), fc.integer({ min: 1, max: 30 })])(
    "is the loss itself where that is constant",
    (loss, steps) => {
      const smoothed = new SmoothedLoss();
      for (let step = 0; step < steps; step++) expect(smoothed.add(loss)).toBeCloseTo(loss, 9);
      expect(smoothed.diverged).toBe(false);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e4])("is lost at %s", (loss) => {
    const smoothed = new SmoothedLoss();
    smoothed.add(1);
    smoothed.add(loss);
    expect(smoothed.diverged).toBe(true);
  });
});

describe("suggestLearningRate", () => {
  const rates = learningRateSweep({ start: 1e-6, end: 1, steps: 121 });

  it("finds the fall of the loss", () => {
    const { suggestion, steepest } = suggestLearningRate(rates, rates.map(curve));
    expect(steepest).toBeGreaterThan(5e-4);
    expect(steepest).toBeLessThan(2e-3);
    expect(suggestion).toBeGreaterThan(1e-5);
    expect(suggestion).toBeLessThan(1e-2);
  });

  it("has none where the loss only rises", () => {
    expect(suggestLearningRate(rates, rates)).toEqual({
      suggestion: undefined,
      steepest: undefined,
    });
    expect(suggestLearningRate([], [])).toEqual({ suggestion: undefined, steepest: undefined });
  });
});
