import { type CholeskyFactor, cholesky, solveLower } from "../math/cholesky.js";
import {
  type LinearAlgebra,
  type Matrix,
  type Matrix64,
  rowOf,
  selectRows,
  toDouble,
  zeros64,
} from "../math/matrix.js";
import { addScaled, dot, scale } from "../math/vector.js";

/**
 * Classes as Gaussians with a mean each and one covariance `Σ = (1 - λ) S + τ I`: `S` is that of the
 * rows around their class means, and λ draws it to a multiple of the identity as far as Ledoit and
 * Wolf (J. Multivariate Analysis 88, 2004) find best.
 *
 * Nothing here is as large as features x features. With `Y` the n centred rows that `S` is taken
 * from, and `L Lᵀ = Y Yᵀ + n τ / (1 - λ) I`, the identity of Woodbury gives
 * `uᵀ Σ⁻¹ v = (uᵀ v - (L⁻¹ Y u)ᵀ (L⁻¹ Y v)) / τ`.
 */
export interface ClassGaussians {
  /** Class means: classes x features. Those of classes without examples are zero. */
  readonly means: Matrix64;
  /** Number of examples of each class. */
  readonly counts: Int32Array;
  /** The rows that `Y` is made of. */
  readonly covarianceRows: Int32Array;
  /** `Y` */
  readonly centred: Matrix64;
  /** `L` */
  readonly factor: CholeskyFactor;
  readonly lambda: number;
  readonly tau: number;
}

/** Rows that the covariance is taken from at most: factoring takes time with their third power. */
const COVARIANCE_ROWS = 1024;

/**
 * @param features - One row for each example.
 * @param targets - Class of each row, from 0.
 * @param order - The rows in a random order; the covariance is taken from the first 1,024.
 */
export async function fitClassGaussians(
  features: Matrix,
  targets: Int32Array,
  classes: number,
  order: Int32Array,
  linearAlgebra: LinearAlgebra,
): Promise<ClassGaussians> {
  const { means, counts } = classMeans(features, targets, classes);
  const covarianceRows = order.slice(0, COVARIANCE_ROWS);
  const centred = toDouble(selectRows(features, covarianceRows));
  covarianceRows.forEach((row, index) => {
    addScaled(rowOf(centred, index), -1, rowOf(means, targets[row]!));
  });
  const gram = await linearAlgebra.multiply(centred, centred, { b: true });
  const { lambda, tau } = ledoitWolf(gram, centred.cols);
  const ridge = (centred.rows * tau) / (1 - lambda);
  for (let row = 0; row < gram.rows; row++) gram.data[row * gram.cols + row]! += ridge;
  return { means, counts, covarianceRows, centred, factor: cholesky(gram), lambda, tau };
}

/**
 * Squared distances in the metric `Σ⁻¹` (Mahalanobis) of rows to all class means: rows x classes,
 * infinite for classes without examples.
 */
export async function squaredDistances(
  gaussians: ClassGaussians,
  features: Matrix,
  linearAlgebra: LinearAlgebra,
): Promise<Matrix64> {
  const rows = await whiten(gaussians, toDouble(features), linearAlgebra);
  const means = await whiten(gaussians, gaussians.means, linearAlgebra);
  const result = zeros64(features.rows, gaussians.means.rows);
  for (let row = 0; row < result.rows; row++) {
    const distances = rowOf(result, row);
    for (let k = 0; k < distances.length; k++) {
      const offset = difference(rows, row, means, k);
      distances[k] = gaussians.counts[k] === 0 ? Infinity : product(offset, offset, gaussians.tau);
    }
  }
  return result;
}

/**
 * The same for training rows, each as if it had been left out: the mean of its class and, where it is
 * among the rows of the covariance, `Σ` without it. With `v` the row minus its class mean and
 * `a = (1 - λ) / n · c / (c - 1)`, c the size of the class, `Σ` loses `a v vᵀ`; the identity of Sherman
 * and Morrison gives `uᵀ Σ'⁻¹ u = uᵀ Σ⁻¹ u + a (uᵀ Σ⁻¹ v)² / (1 - a vᵀ Σ⁻¹ v)`.
 *
 * @param rows - Training rows.
 */
export async function heldOutSquaredDistances(
  gaussians: ClassGaussians,
  features: Matrix,
  targets: Int32Array,
  rows: Int32Array,
  linearAlgebra: LinearAlgebra,
): Promise<Matrix64> {
  const { counts, covarianceRows, lambda, tau } = gaussians;
  const isInCovariance = new Set(covarianceRows);
  const whitened = await whiten(gaussians, toDouble(selectRows(features, rows)), linearAlgebra);
  const means = await whiten(gaussians, gaussians.means, linearAlgebra);
  const result = zeros64(rows.length, counts.length);
  rows.forEach((row, index) => {
    const own = targets[row]!;
    const others = counts[own]! / (counts[own]! - 1);
    const v = difference(whitened, index, means, own);
    const a =
      isInCovariance.has(row) && counts[own]! > 1
        ? ((1 - lambda) * others) / covarianceRows.length
        : 0;
    const room = 1 - a * product(v, v, tau);
    counts.forEach((count, k) => {
      const u = difference(whitened, index, means, k);
      const distance = product(u, u, tau) + (a * product(u, v, tau) ** 2) / room;
      const isLeft = k === own ? count > 1 : count > 0;
      rowOf(result, index)[k] = isLeft ? distance * (k === own ? others ** 2 : 1) : Infinity;
    });
  });
  return result;
}

/** Rows `u` beside `L⁻¹ Y u`: all that products in the metric need. */
interface Whitened {
  readonly plain: Matrix64;
  readonly explained: Matrix64;
}

async function whiten(
  { centred, factor }: ClassGaussians,
  rows: Matrix64,
  linearAlgebra: LinearAlgebra,
): Promise<Whitened> {
  const products = await linearAlgebra.multiply(rows, centred, { b: true });
  return { plain: rows, explained: solveLower(factor, products) };
}

type Offset = readonly [plain: Float64Array, explained: Float64Array];

function difference(rows: Whitened, row: number, means: Whitened, k: number): Offset {
  const plain = rowOf(rows.plain, row).slice();
  const explained = rowOf(rows.explained, row).slice();
  addScaled(plain, -1, rowOf(means.plain, k));
  addScaled(explained, -1, rowOf(means.explained, k));
  return [plain, explained];
}

/** `uᵀ Σ⁻¹ v` */
function product(u: Offset, v: Offset, tau: number): number {
  return (dot(u[0], v[0]) - dot(u[1], v[1])) / tau;
}

function classMeans(
  features: Matrix,
  targets: Int32Array,
  classes: number,
): { means: Matrix64; counts: Int32Array } {
  const means = zeros64(classes, features.cols);
  const counts = new Int32Array(classes);
  targets.forEach((target, row) => {
    counts[target]! += 1;
    addScaled(rowOf(means, target), 1, rowOf(features, row));
  });
  counts.forEach((count, k) => {
    if (count > 0) scale(rowOf(means, k), 1 / count);
  });
  return { means, counts };
}

/** A covariance is never smaller in any direction: rows of length 1 that are all alike have none. */
const SMALLEST_TAU = 1e-6;
/** Nor is it ever the identity alone, which would leave nothing of `S`. */
const LARGEST_LAMBDA = 0.999;

/** @param gram - `Y Yᵀ`, whose entries hold all that the estimate asks of `S = Yᵀ Y / n`. */
function ledoitWolf(
  { rows: n, data }: Matrix64,
  features: number,
): { lambda: number; tau: number } {
  let [trace, fourthPowers] = [0, 0];
  for (let row = 0; row < n; row++) {
    const squared = data[row * n + row]!;
    trace += squared / n;
    fourthPowers += squared ** 2;
  }
  const norm = dot(data, data) / n ** 2;
  const mean = trace / features;
  const spread = norm / features - mean ** 2;
  const noise = (fourthPowers - n * norm) / (n ** 2 * features);
  const lambda = spread > 0 ? Math.min(LARGEST_LAMBDA, noise / spread) : LARGEST_LAMBDA;
  return { lambda, tau: Math.max(SMALLEST_TAU, lambda * mean) };
}
