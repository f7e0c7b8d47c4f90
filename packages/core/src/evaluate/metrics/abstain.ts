import type { Matrix } from "../../math/matrix.js";
import { rowOf } from "../../math/matrix.js";
import { indexOfLargest } from "../../math/vector.js";

/** What happens when only predictions of at least some probability are given. */
export interface Abstaining {
  /** Smallest probability that is answered. */
  readonly threshold: number;
  /** Share of the rows that are answered. */
  readonly coverage: number;
  /** Share of the answered rows that are wrong. */
  readonly error: number;
  /** Number of rows that are answered. */
  readonly answered: number;
  /** Number of them that are wrong. */
  readonly wrong: number;
}

/**
 * The risk-coverage curve (El-Yaniv and Wiener, JMLR 2010): for every probability that occurs, what
 * answering from there on up covers and how often it is wrong. From the highest threshold to the
 * lowest, so that coverage grows.
 *
 * @param logProbabilities - Predictions for rows that were not learned from: rows x classes.
 * @param targets - Class of each row.
 */
export function riskCoverage(logProbabilities: Matrix, targets: Int32Array): Abstaining[] {
  const { rows } = logProbabilities;
  const answers = Array.from({ length: rows }, (_, row) => {
    const answer = rowOf(logProbabilities, row);
    const best = indexOfLargest(answer);
    return { probability: Math.exp(answer[best]!), wrong: best !== targets[row] };
  });
  answers.sort((a, b) => b.probability - a.probability);
  const curve: Abstaining[] = [];
  let errors = 0;
  answers.forEach(({ probability, wrong }, index) => {
    if (wrong) errors += 1;
    // Rows of one probability are answered together or not at all.
    if (answers[index + 1]?.probability === probability) return;
    const answered = index + 1;
    curve.push({
      threshold: probability,
      coverage: answered / rows,
      error: errors / answered,
      answered,
      wrong: errors,
    });
  });
  return curve;
}

/**
 * The lowest threshold at which answers are wrong at most so often, with the coverage that is left.
 * The error counts as one more wrong answer than was seen, so that a few lucky rows do not pass for
 * certainty: of k wrong among n answers, (k + 1) / (n + 1) must be within the limit, as in conformal
 * risk control (Angelopoulos et al., ICLR 2024).
 *
 * @param curve - As {@link riskCoverage} gives it.
 * @param maxError - Between 0 and 1.
 * @returns `undefined` where no threshold is known to keep the limit: there are too few examples, or
 *   the most confident answers are wrong too often.
 */
export function thresholdForError(
  curve: readonly Abstaining[],
  maxError: number,
): Abstaining | undefined {
  return curve.findLast(({ answered, wrong }) => (wrong + 1) / (answered + 1) <= maxError);
}
