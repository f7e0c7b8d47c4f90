import { describe, expect, it } from "vitest";
import { createRandom } from "../../random/random.js";
import {
  examplesForGain,
  forecastGain,
  forecastLearning,
  type SizeMeasurement,
} from "./learning-curve.js";
import { errorAfter, examplesFor, fitPowerLaw } from "./power-law.js";

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

/** Pairs of rows are drawn together. */
const options = { groups: groups.map((row) => row >> 1), examples: 600, seed: 4 };
const measurements = measure(falling, 2);
const forecast = () => forecastLearning(measurements, options);

describe("the forecast of a learning curve", () => {
  it("is measured at each size, with a standard error over groups", () => {
    const curve = forecast();
    for (const [index, { examples, wrong }] of measurements.entries()) {
      const error = wrong.reduce((sum, share) => sum + share, 0) / ROWS;
      const pairs = Array.from({ length: ROWS / 2 }, (_, i) => wrong[2 * i]! + wrong[2 * i + 1]!);
      const variance = pairs.reduce((sum, pair) => sum + (pair - 2 * error) ** 2, 0);
      expect(curve.points[index]).toEqual({
        examples,
        error: expect.closeTo(error, 12),
        standardError: expect.closeTo(Math.sqrt(variance) / ROWS, 12),
      });
    }
    expect(curve.law).toEqual(fitPowerLaw(curve.points));
  });

  it("leads to four times the examples, with what 80 of 100 resampled laws say", () => {
    const curve = forecast();
    expect(curve.resampled).toHaveLength(400);
    const sizes = curve.forecast.map(({ examples }) => examples);
    expect(sizes).toHaveLength(33);
    expect([sizes[0], sizes[16], sizes[32]]).toEqual([60, Math.round(60 * Math.sqrt(40)), 2400]);
    for (const { examples, error, interval } of curve.forecast) {
      expect(error).toBe(errorAfter(curve.law, examples));
      const said = curve.resampled.map((law) => errorAfter(law, examples)).sort((a, b) => a - b);
      expect(interval).toEqual([said[40], said[359]]);
    }
    const needed = curve.resampled
      .map((law) => examplesFor(law, errorAfter(law, 600) - 0.01) - 600)
      .sort((a, b) => a - b);
    const about = examplesFor(curve.law, errorAfter(curve.law, 600) - 0.01) - 600;
    expect(examplesForGain(curve, 0.01)).toEqual({
      about: Math.ceil(about),
      interval: [Math.ceil(needed[40]!), Math.ceil(needed[359]!)],
    });
    expect(examplesForGain({ ...curve, backTest: undefined }, 0.01)).toBeUndefined();
    expect(examplesForGain(curve, 0.09)).toBeUndefined();
    const failed = { ...curve.backTest!, holds: false };
    expect(examplesForGain({ ...curve, backTest: failed }, 0.01)).toBeUndefined();
  });

  it("says what some more examples bring, and nothing where it is not to be trusted", () => {
    const curve = forecast();
    const gains = curve.resampled
      .map((law) => errorAfter(law, 600) - errorAfter(law, 700))
      .sort((a, b) => a - b);
    const errors = curve.resampled.map((law) => errorAfter(law, 700)).sort((a, b) => a - b);
    expect(forecastGain(curve, 100)).toEqual({
      error: errorAfter(curve.law, 700),
      interval: [errors[40], errors[359]],
      gain: errorAfter(curve.law, 600) - errorAfter(curve.law, 700),
      gainInterval: [gains[40], gains[359]],
    });
    expect(forecastGain(curve, 1800)?.error).toBe(errorAfter(curve.law, 2400));
    expect(forecastGain(curve, 1801)).toBeUndefined();
    expect(forecastGain({ ...curve, backTest: undefined }, 100)).toBeUndefined();
    const failed = { ...curve.backTest!, holds: false };
    expect(forecastGain({ ...curve, backTest: failed }, 100)).toBeUndefined();
  });

  it("is tried on the largest size, from the sizes up to half of it", () => {
    const curve = forecast();
    const { predicted, interval, ...asked } = curve.backTest!;
    const largest = curve.points.at(-1)!;
    expect(asked).toEqual({
      fittedUpTo: 240,
      examples: 480,
      measured: largest.error,
      holds: interval[0] <= largest.error && largest.error <= interval[1],
    });
    expect(predicted).toBe(errorAfter(fitPowerLaw(curve.points.slice(0, 5)), 480));
    // The interval is around the forecast, and about as wide as its parts are uncertain.
    expect(interval[0]).toBeLessThan(predicted);
    expect(interval[1]).toBeGreaterThan(predicted);
    expect(interval[1] - interval[0]).toBeGreaterThan(2 * largest.standardError);
    expect(interval[1] - interval[0]).toBeLessThan(8 * largest.standardError);
  });

  it("is no surer than the points lie on their law", () => {
    // All rows are one group: nothing is resampled but the distances from the law.
    const one = new Int32Array(ROWS);
    const widths = [0, 0.05].map((bend) => {
      const zigzag = SIZES.map((examples, index) => ({
        examples,
        wrong: new Float64Array(ROWS).fill(falling(examples) + (index % 2 === 0 ? bend : -bend)),
      }));
      const curve = forecastLearning(zigzag, { groups: one, examples: 600, seed: 1 });
      const [low, high] = curve.forecast.at(-1)!.interval;
      return high - low;
    });
    expect(widths[0]).toBeGreaterThan(0);
    expect(widths[0]).toBeLessThan(0.01);
    expect(widths[1]).toBeGreaterThan(10 * widths[0]!);
  });

  it("promises nothing where the curve has bent away from what it began as", () => {
    // It falls as before up to half of the examples, and from there not at all.
    const bent = (examples: number): number => falling(Math.min(examples, 120)) + 0.001;
    const bentCurve = forecastLearning(measure(bent, 3), { groups, examples: 600, seed: 0 });
    expect(examplesForGain(bentCurve, 0.05)).toBeUndefined();
  });

  it("promises nothing that is forecast from too few sizes", () => {
    const few = forecastLearning(measurements.slice(-3), {
      groups,
      examples: 600,
      seed: 0,
    });
    expect(few.backTest).toBeUndefined();
    expect(examplesForGain(few, 0.01)).toBeUndefined();
  });

  it("knows that rows without a mistake prove no more than their number", () => {
    const curve = forecastLearning(
      measure(() => 0, 1),
      { groups, examples: 600, seed: 0 },
    );
    for (const { standardError } of curve.points) expect(standardError).toBeGreaterThan(0);
    for (const { error, interval } of curve.forecast) {
      expect(Number.isFinite(error)).toBe(true);
      expect(interval[0]).toBeLessThanOrEqual(interval[1]);
    }
  });

  it("is the same for the same seed", () => {
    expect(forecast()).toEqual(forecast());
  });
});
