import type { RowPredictions } from "@engraft/core/predict";
import {
  conformalLimit,
  conformalScores,
  gather,
  riskCoverage,
  thresholdForError,
} from "@engraft/core/predict";

/** Shares of wrong answers for which a task knows from which probability on it may answer. */
export const MAX_ERRORS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2] as const;

/** Coverages for which a task knows how large sets of labels must be. */
export const COVERAGES = [0.8, 0.9, 0.95, 0.99] as const;

/** How far the probabilities of a task can be trusted, measured on rows that it was not fitted on. */
export interface Trust {
  /**
   * For each rate of wrong answers (`maxError`) that can be kept: the smallest probability that may be answered,
   * and the share of inputs that is then answered.
   */
  readonly abstaining: readonly {
    readonly maxError: number;
    readonly threshold: number;
    readonly coverage: number;
  }[];
  /** For each coverage: the largest score, 1 - probability, of a label in the set. */
  readonly sets: readonly { readonly coverage: number; readonly limit: number }[];
}

/**
 * @param prediction - Out of fold, each row once.
 * @param targets - Class of every row of the data set.
 */
export function measureTrust(
  { rows, logProbabilities }: RowPredictions,
  targets: Int32Array,
): Trust {
  const truth = gather(targets, rows);
  const curve = riskCoverage(logProbabilities, truth);
  const scores = conformalScores(logProbabilities, truth);
  return {
    abstaining: MAX_ERRORS.flatMap((maxError) => {
      const found = thresholdForError(curve, maxError);
      if (found === undefined) return [];
      return [{ maxError, threshold: found.threshold, coverage: found.coverage }];
    }),
    sets: COVERAGES.map((coverage) => ({ coverage, limit: conformalLimit(scores, coverage) })),
  };
}
