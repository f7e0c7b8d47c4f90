import {
  type LinearAlgebra,
  type Matrix,
  type Matrix32,
  type Matrix64,
  rowOf,
  zeros32,
  zeros64,
} from "../../math/matrix.js";
import { meanLogLoss } from "../../math/softmax.js";
import { toUnitLength } from "../../math/vector.js";
import { nearestRows } from "./nearest-rows.js";

export interface NearestNeighboursOptions {
  /** One row for each example. Left as they are. */
  readonly features: Matrix;
  /** Class of each row, from 0. */
  readonly targets: Int32Array;
  readonly classes: number;
  readonly linearAlgebra: LinearAlgebra;
  /**
   * Rows of one group are never each other's neighbours when k is chosen and out-of-fold
   * predictions are made. Default: every row is its own group, which is leave-one-out. Give folds,
   * or groups of near-duplicates, to hold more out.
   */
  readonly groups?: Int32Array;
}

/**
 * Classifies by the labels of the `k` training examples with the largest cosine, each counted with
 * `exp(cosine / bandwidth)`. With `sₖ` the share of class k in that count and K classes, its
 * probability is `(k · sₖ + 1 / K) / (k + 1)`: one more neighbour, spread over all classes, keeps
 * probabilities from 0.
 */
export interface NearestNeighboursModel {
  /** Training examples x features, rows of unit length. */
  readonly examples: Matrix32;
  readonly targets: Int32Array;
  readonly classes: number;
  readonly k: number;
  readonly bandwidth: number;
}

export interface NearestNeighbours {
  readonly model: NearestNeighboursModel;
  /** Rows x classes. No row is its own neighbour, nor is any other row of its group. */
  readonly outOfFoldLogProbabilities: Matrix64;
}

/** One neighbour of a row. */
export interface Neighbour {
  /** Row of the training example. */
  readonly row: number;
  readonly cosine: number;
}

const candidateCounts: readonly number[] = [1, 3, 5, 10, 20];
const mostNeighbours = 20;
const bandwidth = 0.07;

/** Fits a nearest-neighbour classifier: k from 1, 3, 5, 10 and 20 by out-of-fold log-loss. */
export async function fitNearestNeighbours(
  options: NearestNeighboursOptions,
): Promise<NearestNeighbours> {
  const { features, targets, classes, linearAlgebra, groups = rowNumbers(features) } = options;
  const examples = unitRows(features);
  const neighbours = await findNeighbours(
    examples,
    examples,
    linearAlgebra,
    (row, example) => groups[row] !== groups[example],
  );
  const candidates = candidateCounts.map((k) => {
    const model = { examples, targets, classes, k, bandwidth };
    const logProbabilities = vote(model, neighbours);
    return { model, logProbabilities, loss: meanLogLoss(logProbabilities, targets) };
  });
  const best = candidates.reduce((a, b) => (b.loss < a.loss ? b : a));
  return { model: best.model, outOfFoldLogProbabilities: best.logProbabilities };
}

/** Log-probabilities of every row: rows x classes. */
export async function nearestNeighboursLogProbabilities(
  model: NearestNeighboursModel,
  features: Matrix,
  linearAlgebra: LinearAlgebra,
): Promise<Matrix64> {
  const neighbours = await findNeighbours(unitRows(features), model.examples, linearAlgebra);
  return vote(model, neighbours);
}

/**
 * The nearest examples of each row, nearest first; of equal ones, the first.
 *
 * @param rows - Any number of rows of unit length.
 * @param isAllowed - Which example may be a neighbour of which row. Default: all.
 * @param count - How many at most. Default 20.
 */
export async function findNeighbours(
  rows: Matrix32,
  examples: Matrix32,
  linearAlgebra: LinearAlgebra,
  isAllowed: (row: number, example: number) => boolean = () => true,
  count: number = mostNeighbours,
): Promise<Neighbour[][]> {
  const nearest = await nearestRows(rows, examples, linearAlgebra, isAllowed, count);
  return Array.from(nearest.counts, (found, row) =>
    Array.from({ length: found }, (_, place) => {
      const at = row * nearest.width + place;
      return { row: nearest.rows[at]!, cosine: nearest.cosines[at]! };
    }),
  );
}

function vote(
  { targets, classes, k, bandwidth: width }: NearestNeighboursModel,
  neighbours: readonly (readonly Neighbour[])[],
): Matrix64 {
  const result = zeros64(neighbours.length, classes);
  neighbours.forEach((all, row) => {
    const nearest = all.slice(0, k);
    const shares = rowOf(result, row);
    let total = 0;
    for (const { row: example, cosine } of nearest) {
      // Relative to the nearest, so that nothing overflows whatever the bandwidth.
      const weight = Math.exp((cosine - nearest[0]!.cosine) / width);
      shares[targets[example]!]! += weight;
      total += weight;
    }
    for (let label = 0; label < classes; label++) {
      const votes = total > 0 ? (nearest.length * shares[label]!) / total : 0;
      shares[label] = Math.log((votes + 1 / classes) / (nearest.length + 1));
    }
  });
  return result;
}

function unitRows(features: Matrix): Matrix32 {
  const result = zeros32(features.rows, features.cols);
  for (let row = 0; row < features.rows; row++) {
    const vector = rowOf(result, row);
    vector.set(rowOf(features, row));
    toUnitLength(vector);
  }
  return result;
}

function rowNumbers({ rows }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row);
}
