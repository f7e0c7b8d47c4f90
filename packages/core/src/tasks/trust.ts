import { thresholdForError } from "../evaluate/abstain.js";
import { conformalLimit } from "../evaluate/conformal.js";
import type { Prediction } from "../evaluate/metrics.js";
import { gather } from "../heads/examples.js";
import { type Matrix64, rowOf, zeros64 } from "../math/matrix.js";

/** Shares of wrong answers for which a task knows from which probability on it may answer. */
export const MAX_ERRORS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2] as const;

/** Coverages for which a task knows how large sets of labels must be. */
export const COVERAGES = [0.8, 0.9, 0.95, 0.99] as const;

/** How far the probabilities of a task can be trusted, measured on rows that it was not fitted on. */
export interface Trust {
  /**
   * For each of {@link MAX_ERRORS} that can be kept: the smallest probability that may be answered,
   * and the share of inputs that is then answered.
   */
  readonly abstaining: readonly {
    readonly maxError: number;
    readonly threshold: number;
    readonly coverage: number;
  }[];
  /** For each of {@link COVERAGES}: the largest score, 1 - probability, of a label in the set. */
  readonly sets: readonly { readonly coverage: number; readonly limit: number }[];
}

/**
 * @param predictions - Out of fold; rows that were predicted several times count once, with their mean
 *   probabilities.
 * @param targets - Class of every row of the data set.
 */
export function measureTrust(predictions: readonly Prediction[], targets: Int32Array): Trust {
  const { rows, logProbabilities } = meanPrediction(predictions);
  const truth = gather(targets, rows);
  return {
    abstaining: MAX_ERRORS.flatMap((maxError) => {
      const found = thresholdForError(logProbabilities, truth, maxError);
      if (found === undefined) return [];
      return [{ maxError, threshold: found.threshold, coverage: found.coverage }];
    }),
    sets: COVERAGES.map((coverage) => ({
      coverage,
      limit: conformalLimit(logProbabilities, truth, coverage),
    })),
  };
}

/** One prediction for each row: the mean of its probabilities. */
function meanPrediction(predictions: readonly Prediction[]): {
  rows: Int32Array;
  logProbabilities: Matrix64;
} {
  const rows = Int32Array.from(new Set(predictions.flatMap((part) => [...part.rows]))).sort();
  const placeOf = new Map(Array.from(rows, (row, place) => [row, place]));
  const classes = predictions[0]!.logProbabilities.cols;
  const mean = zeros64(rows.length, classes);
  const counts = new Int32Array(rows.length);
  for (const { rows: predicted, logProbabilities } of predictions) {
    predicted.forEach((row, index) => {
      const place = placeOf.get(row)!;
      counts[place]! += 1;
      const sum = rowOf(mean, place);
      rowOf(logProbabilities, index).forEach((value, k) => {
        sum[k]! += Math.exp(value);
      });
    });
  }
  for (let place = 0; place < rows.length; place++) {
    const row = rowOf(mean, place);
    for (let k = 0; k < classes; k++) row[k] = Math.log(row[k]! / counts[place]!);
  }
  return { rows, logProbabilities: mean };
}
