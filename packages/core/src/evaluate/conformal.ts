import type { Matrix } from "../math/matrix.js";
import { rowOf } from "../math/matrix.js";

/**
 * Calibrates sets of labels that hold the right one with a given probability, whatever the data: in
 * the set are the labels whose score, 1 - their probability, is within a limit. The
 * score of a row is 1 minus the probability of its right class, and the limit is the
 * ⌈(n + 1)(1 - α)⌉-th smallest of them (Vovk et al., Algorithmic Learning in a Random World, 2005;
 * with out-of-fold predictions it is cross-conformal prediction, Vovk, AMAI 2015).
 *
 * @param logProbabilities - Predictions for rows that were not learned from: rows x classes.
 * @param targets - Class of each row.
 * @param coverage - How often a set is to hold the right label, between 0 and 1.
 * @returns The largest score of a label that is in a set; 1, which is every label, where there are
 *   too few rows to promise the coverage: 9 for 0.9, 19 for 0.95.
 */
export function conformalLimit(
  logProbabilities: Matrix,
  targets: Int32Array,
  coverage: number,
): number {
  const { rows } = logProbabilities;
  const scores = Float64Array.from({ length: rows }, (_, row) =>
    scoreOf(rowOf(logProbabilities, row)[targets[row]!]!),
  ).sort();
  const rank = Math.ceil((rows + 1) * coverage);
  return rank > rows ? 1 : scores[rank - 1]!;
}

function scoreOf(logProbability: number): number {
  return 1 - Math.exp(logProbability);
}
