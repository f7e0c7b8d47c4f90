import type { Matrix32, Matrix64 } from "../math/matrix.js";
import type { FeatureTable } from "./table.js";

/** What heads learn from: the features of all examples and what is known about each. */
export interface LabelledFeatures {
  readonly table: FeatureTable;
  /** The texts themselves, for the view on words; undefined for images. */
  readonly texts: readonly string[] | undefined;
  /** Class of each row, 0 to `classes - 1`. */
  readonly targets: Int32Array;
  readonly classes: number;
  /** Group of each row: near-duplicates share one, and are never split between folds. */
  readonly groups: Int32Array;
  /** What the names of the labels say, where they are read. */
  readonly names?: LabelNames | undefined;
}

/** The names of the labels, or descriptions of them, as the base reads them. */
export interface LabelNames {
  /** Classes x width of the last layer, at unit length. */
  readonly vectors: Matrix32;
  /** Whether all are descriptions, which users wrote to be read; a name may say nothing. */
  readonly areDescriptions: boolean;
  /** The mean of rows without a label, where there are any: it says what all inputs have in common. */
  readonly centre?: Float64Array | undefined;
}

/** What classifiers say about training rows that they were fitted without. */
export interface OutOfFold {
  /** Number of each row among the training rows, ascending. On large data not all are held out. */
  readonly rows: Int32Array;
  /** Rows x classes. */
  readonly logProbabilities: Matrix64;
}

/** The elements of `values` at `rows`. */
export function gather(values: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => values[row]!);
}
