import type { Matrix } from "../../math/matrix.js";
import { rowOf } from "../../math/matrix.js";

/**
 * How strange the right label of each row looked: 1 minus its probability.
 *
 * @param logProbabilities - Predictions for rows that were not learned from: rows x classes.
 * @param targets - Class of each row.
 * @returns Ascending.
 */
export function conformalScores(logProbabilities: Matrix, targets: Int32Array): Float64Array {
  return Float64Array.from(
    targets,
    (target, row) => 1 - Math.exp(rowOf(logProbabilities, row)[target]!),
  ).sort();
}

/**
 * Calibrates sets of labels that hold the right one with a given probability, whatever the data: in
 * the set are the labels whose score, 1 - their probability, is within a limit. The limit is the
 * ⌈(n + 1)(1 - α)⌉-th smallest score of a right label (Vovk et al., Algorithmic Learning in a Random
 * World, 2005; with out-of-fold predictions it is cross-conformal prediction, Vovk, AMAI 2015).
 *
 * @param scores - As {@link conformalScores} gives them.
 * @param coverage - How often a set is to hold the right label, between 0 and 1.
 * @returns The largest score of a label that is in a set; 1, which is every label, where there are
 *   too few rows to promise the coverage: 9 for 0.9, 19 for 0.95.
 */
export function conformalLimit(scores: Float64Array, coverage: number): number {
  const rank = Math.ceil((scores.length + 1) * coverage);
  return rank > scores.length ? 1 : scores[rank - 1]!;
}
