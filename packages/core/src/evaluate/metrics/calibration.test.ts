import { describe, expect, it } from "vitest";
import type { Matrix64 } from "../../math/matrix.js";
import { createRandom } from "../../random/random.js";
import { riskCoverage, thresholdForError } from "./abstain.js";
import { measureCalibration } from "./calibration.js";
import { conformalLimit, conformalScores } from "./conformal.js";
import type { RowPredictions } from "./metrics.js";

/** Rows whose most probable class is 0, with some probabilities. */
function confident(...probabilities: number[]): Matrix64 {
  const data = Float64Array.from(probabilities.flatMap((p) => [Math.log(p), Math.log(1 - p)]));
  return { rows: probabilities.length, cols: 2, data };
}

/** Predictions for all rows. */
function all(logProbabilities: Matrix64): RowPredictions[] {
  return [
    { rows: Int32Array.from({ length: logProbabilities.rows }, (_, i) => i), logProbabilities },
  ];
}

/** Rows that are right exactly as often as they claim to be. */
function honest(rows: number, seed: number): { predictions: Matrix64; targets: Int32Array } {
  const random = createRandom(seed);
  const probabilities = Array.from({ length: rows }, () => 0.5 + random.double() / 2);
  const targets = Int32Array.from(probabilities, (p) => Number(random.double() > p));
  return { predictions: confident(...probabilities), targets };
}

describe("calibration", () => {
  it("is the mean distance between confidence and accuracy in bins", () => {
    // Two rows of confidence 0.9, one of them right; two of 0.6, both right.
    const { expectedError, bins } = measureCalibration(
      all(confident(0.9, 0.9, 0.6, 0.6)),
      Int32Array.of(0, 1, 0, 0),
    );
    expect(expectedError).toBeCloseTo((2 * 0.4 + 2 * 0.4) / 4, 12);
    expect(bins).toHaveLength(15);
    expect(bins.filter(({ count }) => count > 0)).toMatchObject([
      { count: 2, accuracy: 1 },
      { count: 2, accuracy: 0.5 },
    ]);
    expect(bins[0]).toMatchObject({ from: 0, count: 0, confidence: undefined });
  });

  it("is nearly perfect where claims are true, and far off where they are not", () => {
    const { predictions, targets } = honest(20_000, 1);
    expect(measureCalibration(all(predictions), targets).expectedError).toBeLessThan(0.02);
    const wrong = targets.map((target) => 1 - target);
    expect(measureCalibration(all(predictions), wrong).expectedError).toBeGreaterThan(0.4);
  });

  it("needs rows", () => {
    expect(() => measureCalibration([], new Int32Array())).toThrow(RangeError);
  });
});

describe("abstaining", () => {
  it("trades coverage for errors", () => {
    const curve = riskCoverage(confident(0.6, 0.9, 0.8, 0.9), Int32Array.of(1, 0, 1, 0));
    expect(curve.map(({ answered, wrong }) => [answered, wrong])).toEqual([
      [2, 0],
      [3, 1],
      [4, 2],
    ]);
    expect(curve.map(({ threshold }) => threshold)).toEqual([
      expect.closeTo(0.9),
      expect.closeTo(0.8),
      expect.closeTo(0.6),
    ]);
    expect(curve.at(-1)).toMatchObject({ coverage: 1, error: 0.5 });
  });

  it("keeps the limit on rows that it has not seen", () => {
    const fitted = honest(2000, 2);
    const found = thresholdForError(riskCoverage(fitted.predictions, fitted.targets), 0.1)!;
    const fresh = riskCoverage(honest(20_000, 3).predictions, honest(20_000, 3).targets);
    const there = fresh.findLast(({ threshold }) => threshold >= found.threshold)!;
    expect(there.error).toBeLessThan(0.12);
    expect(Math.abs(there.coverage - found.coverage)).toBeLessThan(0.05);
  });

  it("does not promise what few rows cannot show", () => {
    const predictions = confident(...new Array<number>(20).fill(0.99));
    const allRight = new Int32Array(20);
    const curve = riskCoverage(predictions, allRight);
    expect(thresholdForError(curve, 0.01)).toBeUndefined();
    expect(thresholdForError(curve, 0.05)).toMatchObject({ coverage: 1 });
    const nineteen = riskCoverage(confident(...new Array<number>(19).fill(0.99)), allRight);
    expect(thresholdForError(nineteen, 1 / 20)).toMatchObject({ answered: 19 });
  });
});

describe("sets of labels", () => {
  it("hold the right one as often as was asked for", () => {
    const { predictions, targets } = honest(1000, 4);
    const fresh = honest(20_000, 5);
    for (const coverage of [0.8, 0.9, 0.95]) {
      const limit = conformalLimit(conformalScores(predictions, targets), coverage);
      const held = fresh.targets.filter(
        (target, row) => 1 - Math.exp(fresh.predictions.data[2 * row + target]!) <= limit,
      );
      expect(Math.abs(held.length / 20_000 - coverage)).toBeLessThan(0.03);
    }
  });

  it("are everything where too few rows are known", () => {
    const nine = confident(...new Array<number>(9).fill(0.9));
    const scores = conformalScores(nine, new Int32Array(9));
    expect(conformalLimit(scores, 0.9)).toBeCloseTo(0.1, 12);
    expect(conformalLimit(scores, 0.95)).toBe(1);
  });
});
