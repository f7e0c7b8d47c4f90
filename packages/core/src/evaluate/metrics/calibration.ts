import { rowOf } from "../../math/matrix.js";
import { indexOfLargest } from "../../math/vector.js";
import type { RowPredictions } from "./metrics.js";

/** Rows whose most probable class was given about the same probability. */
export interface ReliabilityBin {
  /** Bounds of the probability: above `from`, up to `to`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean probability of the most probable class; `undefined` in an empty bin. */
  readonly confidence: number | undefined;
  /** Share of the rows whose most probable class is right; `undefined` in an empty bin. */
  readonly accuracy: number | undefined;
}

/** How far stated probabilities can be taken at their word. */
export interface Calibration {
  /**
   * Expected calibration error (Naeini et al., AAAI 2015): the mean over all rows of the distance
   * between confidence and accuracy in the row's bin.
   */
  readonly expectedError: number;
  readonly bins: readonly ReliabilityBin[];
}

/** As many as papers use. */
const DEFAULT_BINS = 15;

/**
 * Compares what predictions claim with how often they are right.
 *
 * @param predictions - For rows that were not learned from; together they may hold a row several
 *   times, and each of its predictions is a claim of its own.
 * @param targets - Class of every row of the data set.
 * @param bins - Number of bins of equal width between 0 and 1. Default: 15.
 * @throws {RangeError} when there are no predictions.
 */
export function measureCalibration(
  predictions: readonly RowPredictions[],
  targets: Int32Array,
  bins: number = DEFAULT_BINS,
): Calibration {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { rows, logProbabilities } of predictions) {
    rows.forEach((row, index) => {
      const claim = rowOf(logProbabilities, index);
      const best = indexOfLargest(claim);
      const confidence = Math.min(1, Math.exp(claim[best]!));
      // A probability on a bound belongs to the bin below it.
      const bin = sums[Math.max(0, Math.ceil(confidence * bins) - 1)]!;
      bin.count += 1;
      bin.confidence += confidence;
      if (best === targets[row]) bin.right += 1;
    });
  }
  const claims = sums.reduce((total, { count }) => total + count, 0);
  if (claims === 0) throw new RangeError("There are no predictions to measure.");
  const distance = sums.reduce(
    (sum, { confidence, right }) => sum + Math.abs(confidence - right),
    0,
  );
  return {
    expectedError: distance / claims,
    bins: sums.map(({ count, confidence, right }, index) => ({
      from: index / bins,
      to: (index + 1) / bins,
      count,
      confidence: count === 0 ? undefined : confidence / count,
      accuracy: count === 0 ? undefined : right / count,
    })),
  };
}
