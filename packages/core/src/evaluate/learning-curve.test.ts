import { describe, expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { examplesForGain, forecastLearning, type SizeMeasurement } from "./learning-curve.js";

const ROWS = 600;
const SIZES = [60, 85, 120, 170, 240, 340, 480];
const groups = Int32Array.from({ length: ROWS }, (_, row) => row);

/** What would be measured where a row is wrong as often as `error` says, the same rows at all sizes. */
function measure(error: (examples: number) => number, seed: number): SizeMeasurement[] {
  const random = createRandom(seed);
  const hardness = Array.from({ length: ROWS }, () => random.double());
  return SIZES.map((examples) => ({
    examples,
    wrong: Float64Array.from(hardness, (hard) => Number(hard < error(examples))),
  }));
}

const falling = (examples: number): number => 2.5 * examples ** -0.5;

describe("the forecast of a learning curve", () => {
  it("follows a power law beyond what was measured, and is borne out", () => {
    const curve = forecastLearning(measure(falling, 1), { groups, examples: 600, seed: 0 });
    const last = curve.forecast.at(-1)!;
    expect(last.examples).toBe(4 * 600);
    expect(Math.abs(last.error - falling(2400))).toBeLessThan(0.03);
    expect(curve.backTest).toMatchObject({ fittedUpTo: 240, examples: 480, holds: true });
    const { about, interval } = examplesForGain(curve, 0.02)!;
    const truth = (2.5 / (falling(600) - 0.02)) ** 2 - 600;
    expect(about).toBeGreaterThan(truth / 2);
    expect(about).toBeLessThan(truth * 2);
    expect(interval.lower).toBeLessThanOrEqual(about);
    expect(interval.upper).toBeGreaterThanOrEqual(about);
  });

  it("holds the true error about as often as it says", () => {
    let held = 0;
    const runs = 60;
    for (let seed = 0; seed < runs; seed++) {
      const curve = forecastLearning(measure(falling, seed), { groups, examples: 600, seed });
      const { interval } = curve.forecast.at(-1)!;
      held += Number(interval.lower <= falling(2400) && falling(2400) <= interval.upper);
    }
    expect(held / runs).toBeGreaterThan(0.65);
    expect(held / runs).toBeLessThan(0.97);
  });

  it("promises nothing where the curve has bent away from what it began as", () => {
    // It falls as before up to half of the examples, and from there not at all.
    const bent = (examples: number): number => falling(Math.min(examples, 120)) + 0.001;
    const curve = forecastLearning(measure(bent, 3), { groups, examples: 600, seed: 0 });
    expect(examplesForGain(curve, 0.05)).toBeUndefined();
  });

  it("promises nothing that is out of reach, or from too few sizes", () => {
    const curve = forecastLearning(measure(falling, 1), { groups, examples: 600, seed: 0 });
    expect(examplesForGain(curve, 0.09)).toBeUndefined();
    const few = forecastLearning(measure(falling, 1).slice(-3), {
      groups,
      examples: 600,
      seed: 0,
    });
    expect(few.backTest).toBeUndefined();
    expect(examplesForGain(few, 0.01)).toBeUndefined();
  });

  it("knows that rows without a mistake prove no more than their number", () => {
    const curve = forecastLearning(measure(() => 0, 1), { groups, examples: 600, seed: 0 });
    for (const { standardError } of curve.points) expect(standardError).toBeGreaterThan(0);
    for (const { error, interval } of curve.forecast) {
      expect(Number.isFinite(error)).toBe(true);
      expect(interval.lower).toBeLessThanOrEqual(interval.upper);
    }
  });

  it("is the same for the same seed", () => {
    const once = forecastLearning(measure(falling, 2), { groups, examples: 600, seed: 4 });
    expect(forecastLearning(measure(falling, 2), { groups, examples: 600, seed: 4 })).toEqual(once);
  });
});
