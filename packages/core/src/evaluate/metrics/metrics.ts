import type { Matrix } from "../../math/matrix.js";
import { rowOf } from "../../math/matrix.js";
import { indexOfLargest } from "../../math/vector.js";

/** The four metrics by which a classifier is judged. */
export interface ClassificationMetrics {
  /** Share of the rows whose most probable class is the right one. */
  readonly accuracy: number;
  /** Mean recall over the classes that occur among the targets. */
  readonly balancedAccuracy: number;
  /** Mean F1 over the classes that occur among the targets or the predictions. */
  readonly macroF1: number;
  /** Mean of -ln(probability of the right class), in nats. At most `MAXIMUM_LOSS`. */
  readonly logLoss: number;
}

/** How one class fared. A ratio without any row behind it is 0. */
interface ClassMetrics {
  /** Of the rows predicted to be in the class, the share that is. */
  readonly precision: number;
  /** Of the rows in the class, the share that is predicted to be. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Number of rows in the class. */
  readonly support: number;
}

export interface MeasuredMetrics extends ClassificationMetrics {
  /** Number of rows that were measured. */
  readonly n: number;
  readonly perClass: readonly ClassMetrics[];
  /**
   * Rows by their true class (outer index) and predicted class (inner index). The mean over the
   * repeats of a cross-validation, so that each row sums to the class's support.
   */
  readonly confusion: readonly (readonly number[])[];
}

/** Probabilities predicted for some rows of a data set. */
export interface RowPredictions {
  /** Row of the data set that each row of `logProbabilities` belongs to. */
  readonly rows: Int32Array;
  /** One column per class; natural logarithms, `-Infinity` allowed. */
  readonly logProbabilities: Matrix;
}

/** Predictions compared with the truth, one entry per predicted row. */
export interface Outcomes {
  readonly classes: number;
  /** Number of different rows. */
  readonly n: number;
  /** How often each of them was predicted. */
  readonly repeats: number;
  /** Row of the data set. */
  readonly rows: Int32Array;
  readonly targets: Int32Array;
  /** The most probable class; of equal ones, the first. */
  readonly predicted: Int32Array;
  /** -ln(probability of the right class). */
  readonly losses: Float64Array;
}

/**
 * Probabilities are clipped to [2⁻⁵², 1 - 2⁻⁵²] before the logarithm, as scikit-learn does for
 * doubles, so that one impossible class cannot make the mean infinite.
 */
const SMALLEST_PROBABILITY: number = Number.EPSILON;
const MINIMUM_LOSS: number = -Math.log1p(-SMALLEST_PROBABILITY);
/** The loss of a row whose right class was given the probability 0: 36.04. */
export const MAXIMUM_LOSS: number = -Math.log(SMALLEST_PROBABILITY);

/**
 * Judges predictions for rows that were not learned from.
 *
 * @param targets class of each row, from 0.
 * @param logProbabilities one row per target, one column per class; natural logarithms, `-Infinity`
 *   allowed.
 * @throws {RangeError} when there are no rows, or not one prediction per target.
 */
export function measure(options: {
  readonly targets: Int32Array;
  readonly logProbabilities: Matrix;
}): MeasuredMetrics {
  const rows = Int32Array.from(options.targets.keys());
  return summarise(
    outcomesOf([{ rows, logProbabilities: options.logProbabilities }], options.targets),
  );
}

/**
 * Compares predictions with the truth.
 *
 * @param predictions at least one, with the same classes; together they may hold every row several
 *   times.
 * @param targets class of every row of the data set.
 * @throws {RangeError} when there are no rows, when some rows are predicted more often than others, or
 *   when there is not one prediction per named row.
 */
export function outcomesOf(predictions: readonly RowPredictions[], targets: Int32Array): Outcomes {
  const rows = Int32Array.from(predictions.flatMap((prediction) => [...prediction.rows]));
  const predicted = new Int32Array(rows.length);
  const losses = new Float64Array(rows.length);
  let entry = 0;
  for (const { rows: predictedRows, logProbabilities } of predictions) {
    if (predictedRows.length !== logProbabilities.rows) {
      throw new RangeError(
        `There are ${logProbabilities.rows} predictions for ${predictedRows.length} rows.`,
      );
    }
    predictedRows.forEach((row, index) => {
      const logProbability = rowOf(logProbabilities, index);
      predicted[entry] = indexOfLargest(logProbability);
      losses[entry] = clippedLoss(logProbability[targets[row]!]!);
      entry++;
    });
  }
  return {
    classes: predictions[0]?.logProbabilities.cols ?? 0,
    ...timesPredicted(rows),
    rows,
    targets: rows.map((row) => targets[row]!),
    predicted,
    losses,
  };
}

function timesPredicted(rows: Int32Array): Pick<Outcomes, "n" | "repeats"> {
  const times = new Map<number, number>();
  for (const row of rows) times.set(row, (times.get(row) ?? 0) + 1);
  const repeats = times.values().next().value;
  if (repeats === undefined) throw new RangeError("There are no rows to measure.");
  for (const [row, count] of times) {
    if (count !== repeats) {
      throw new RangeError(
        `Row ${row} is predicted ${count} times and others ${repeats} times; expected every row to be predicted equally often.`,
      );
    }
  }
  return { n: times.size, repeats };
}

/** The metrics of some outcomes. All follow from the confusion matrix and the mean loss. */
export function summarise(outcomes: Outcomes): MeasuredMetrics {
  const { classes, n, repeats, targets, predicted, losses } = outcomes;
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  predicted.forEach((guess, entry) => {
    counts[targets[entry]!]![guess]!++;
  });
  const confusion = counts.map((row) => row.map((count) => count / repeats));

  const correct = counts.map((row, index) => row[index]! / repeats);
  const supports = counts.map((row) => sum(row) / repeats);
  const predictions = counts.map((_, index) => sum(counts.map((row) => row[index]!)) / repeats);
  const perClass = correct.map((hits, index) => ({
    precision: ratio(hits, predictions[index]!),
    recall: ratio(hits, supports[index]!),
    f1: ratio(2 * hits, supports[index]! + predictions[index]!),
    support: supports[index]!,
  }));
  const present = perClass.filter((_, index) => supports[index]! > 0);
  const used = perClass.filter((_, index) => supports[index]! + predictions[index]! > 0);
  return {
    n,
    accuracy: sum(counts.map((row, index) => row[index]!)) / (n * repeats),
    balancedAccuracy: sum(present.map(({ recall }) => recall)) / present.length,
    macroF1: sum(used.map(({ f1 }) => f1)) / used.length,
    logLoss: sum(losses) / (n * repeats),
    perClass,
    confusion,
  };
}

function clippedLoss(logProbability: number): number {
  return Math.min(MAXIMUM_LOSS, Math.max(MINIMUM_LOSS, -logProbability));
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
