import { type Matrix, rowOf } from "../../math/matrix.js";
import type { RowPredictions } from "../metrics/metrics.js";

/** A label that is probably wrong. */
export interface LabelError {
  /** Row of the data set. */
  readonly row: number;
  /** The class that it is labelled with. */
  readonly given: number;
  /** The class that it probably belongs to. */
  readonly suggested: number;
  /** What the classifier says of the two, without having seen the row. */
  readonly probabilityOfGiven: number;
  readonly probabilityOfSuggested: number;
}

/** How far labels can be believed. */
export interface LabelQuality {
  /** The labels that are probably wrong, the worst first. */
  readonly suspects: readonly LabelError[];
  /**
   * For each predicted row, in the order of the prediction, the probability of the label that it has:
   * 0 is certainly wrong, 1 certainly right.
   */
  readonly scores: Float64Array;
}

/**
 * Confident learning (Northcutt, Jiang and Chuang, JAIR 2021): finds labels that contradict a
 * classifier where it is sure. It is sure of a class where it gives it at least the probability that
 * it gives rows of that class on average; this keeps classes that are hard, or that it is rarely sure
 * of, from being suspected or suggested as a whole. A row is suspect if such a class is more probable
 * than the one it is labelled with, and the most probable of these is suggested.
 *
 * Rows are ranked by the probability of their label, the self-confidence of Kuan and Mueller (ICML
 * 2022 DataPerf workshop). Where labels are mistaken for any other at random, no ranking by the same
 * probabilities is better: by Bayes' rule, the chance that a label is wrong then depends on this
 * probability alone, and falls with it.
 *
 * @param prediction - What classifiers say about rows that they have not seen: each row at most once,
 *   at least the rows that are to be judged. On rows that it has learned, a classifier repeats their
 *   labels.
 * @param targets - Class of every row of the data set.
 */
export function findLabelErrors(prediction: RowPredictions, targets: Int32Array): LabelQuality {
  const { rows, logProbabilities } = prediction;
  const given = rows.map((row) => targets[row]!);
  const logScores = Float64Array.from(given, (label, i) => rowOf(logProbabilities, i)[label]!);
  const thresholds = meanProbabilities(logProbabilities, given);
  const suspects: { readonly error: LabelError; readonly logScore: number }[] = [];
  rows.forEach((row, i) => {
    const probabilities = rowOf(logProbabilities, i).map(Math.exp);
    const label = given[i]!;
    const suggested = mostProbableOf(
      probabilities,
      (k) => probabilities[k]! >= thresholds[k]! && probabilities[k]! > probabilities[label]!,
    );
    if (suggested === undefined) return;
    const error = {
      row,
      given: label,
      suggested,
      probabilityOfGiven: probabilities[label]!,
      probabilityOfSuggested: probabilities[suggested]!,
    };
    suspects.push({ error, logScore: logScores[i]! });
  });
  // Logarithms tell apart what is 0 as a probability.
  suspects.sort((a, b) => (a.logScore < b.logScore ? -1 : Number(a.logScore > b.logScore)));
  return { suspects: suspects.map(({ error }) => error), scores: logScores.map(Math.exp) };
}

/**
 * For each class, the mean probability that the rows labelled with it are given for it. Of a class
 * without rows nothing is known, and nothing is sure enough.
 */
function meanProbabilities(logProbabilities: Matrix, given: Int32Array): Float64Array {
  const sums = new Float64Array(logProbabilities.cols);
  const counts = new Int32Array(logProbabilities.cols);
  given.forEach((label, i) => {
    sums[label]! += Math.exp(rowOf(logProbabilities, i)[label]!);
    counts[label]! += 1;
  });
  return sums.map((sum, k) => (counts[k]! > 0 ? sum / counts[k]! : Infinity));
}

function mostProbableOf(
  probabilities: Float32Array | Float64Array,
  isAllowed: (k: number) => boolean,
): number | undefined {
  let best: number | undefined;
  for (let k = 0; k < probabilities.length; k++) {
    if (!isAllowed(k)) continue;
    if (best === undefined || probabilities[k]! > probabilities[best]!) best = k;
  }
  return best;
}

/** Neighbours that are asked about a label: as many as is usual, and fewer for small classes. */
const MOST_NEIGHBOURS = 10;

/**
 * A second opinion on labels, which owes nothing to the classifier: the share of the nearest
 * neighbours that have another label. At most 10 are asked, and no more than there are other rows with
 * the same label, so that rows of a small class are not outvoted by its size.
 *
 * @param rows - Rows of the data set.
 * @param neighbours - For each of `rows`, its neighbours among all rows, the nearest first. Leave out
 *   its near-duplicates: a copy is labelled as the original was, right or wrong.
 * @param targets - Class of every row of the data set.
 * @returns For each of `rows` a share from 0 to 1; `NaN` where it has no neighbours, or where no other
 *   row has its label.
 */
export function disagreementOfNeighbours(
  rows: Int32Array,
  neighbours: readonly (readonly { readonly row: number }[])[],
  targets: Int32Array,
): Float64Array {
  const sizes = new Map<number, number>();
  for (const target of targets) sizes.set(target, (sizes.get(target) ?? 0) + 1);
  return Float64Array.from(rows, (row, i) => {
    const given = targets[row]!;
    const asked = neighbours[i]!.slice(0, Math.min(MOST_NEIGHBOURS, sizes.get(given)! - 1));
    return asked.filter((other) => targets[other.row] !== given).length / asked.length;
  });
}
