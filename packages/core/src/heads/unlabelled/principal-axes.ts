import { leadingEigenvectors } from "../../math/eigenvectors.js";
import { type LinearAlgebra, type Matrix32, toSingle, transposed } from "../../math/matrix.js";
import { isCsr, multiplyTransposedSparseDense } from "../../math/sparse.js";
import { sparseDesign } from "../logistic/design.js";
import type { Features } from "../logistic/linear-model.js";

/** The mean and the variance of every feature. */
export interface Moments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** The moments of rows that come in blocks. */
export function momentsOf(blocks: Iterable<Features>): Moments {
  let sums = new Float64Array(0);
  let squares = new Float64Array(0);
  let rows = 0;
  for (const block of blocks) {
    if (rows === 0) [sums, squares] = [new Float64Array(block.cols), new Float64Array(block.cols)];
    rows += block.rows;
    addSums(block, sums, squares);
  }
  const mean = sums.map((sum) => sum / rows);
  const variance = squares.map((square, col) => Math.max(0, square / rows - mean[col]! ** 2));
  return { mean, variance };
}

function addSums(block: Features, sums: Float64Array, squares: Float64Array): void {
  if (isCsr(block)) {
    const { columns, values } = block;
    for (let at = 0; at < values.length; at++) {
      sums[columns[at]!]! += values[at]!;
      squares[columns[at]!]! += values[at]! * values[at]!;
    }
    return;
  }
  const { cols, data } = block;
  for (let start = 0; start < data.length; start += cols) {
    for (let col = 0; col < cols; col++) {
      const value = data[start + col]!;
      sums[col]! += value;
      squares[col]! += value * value;
    }
  }
}

/**
 * The principal axes of centred, scaled rows: features x axes, the columns orthonormal, in about the
 * order of falling variance. By the Gram matrix of the rows or their covariance, whichever is smaller.
 *
 * @param features - Changed, where they are dense.
 * @param factors - What each feature is multiplied by; 1 each where the features are sparse.
 * @param count - How many axes at most.
 */
export async function principalAxes(
  features: Features,
  mean: Float64Array,
  factors: Float64Array,
  count: number,
  algebra: LinearAlgebra,
): Promise<Matrix32> {
  if (isCsr(features)) {
    const gram = await sparseDesign(features, { mean, factor: 1 }).gram();
    const rows = toSingle(await leadingEigenvectors(toSingle(gram), count, algebra));
    const axes = multiplyTransposedSparseDense(features, transposed(rows));
    subtractMean(axes, rows, mean);
    return withUnitColumns(axes);
  }
  const x = toSingle(features);
  centre(x, mean, factors);
  if (x.cols <= x.rows) {
    const covariance = await algebra.multiply(x, x, { a: true });
    return transposed(toSingle(await leadingEigenvectors(covariance, count, algebra)));
  }
  const gram = await algebra.multiply(x, x, { b: true });
  const rows = toSingle(await leadingEigenvectors(gram, count, algebra));
  return withUnitColumns(await algebra.multiply(x, rows, { a: true, b: true }));
}

function centre({ cols, data }: Matrix32, mean: Float64Array, factors: Float64Array): void {
  for (let start = 0; start < data.length; start += cols) {
    for (let col = 0; col < cols; col++) {
      data[start + col] = (data[start + col]! - mean[col]!) * factors[col]!;
    }
  }
}

/** `(X - 1 mᵀ)ᵀ V` from `Xᵀ V`, in place, for the columns of `V` as rows. */
function subtractMean({ cols, data }: Matrix32, rows: Matrix32, mean: Float64Array): void {
  const sums = new Float64Array(cols);
  for (let at = 0; at < rows.data.length; at++) {
    sums[Math.floor(at / rows.cols)]! += rows.data[at]!;
  }
  for (let feature = 0; feature < mean.length; feature++) {
    const start = feature * cols;
    for (let axis = 0; axis < cols; axis++) data[start + axis]! -= mean[feature]! * sums[axis]!;
  }
}

/** Divides each column by its length, in place. */
function withUnitColumns(matrix: Matrix32): Matrix32 {
  const { cols, data } = matrix;
  const factors = new Float64Array(cols);
  for (let start = 0; start < data.length; start += cols) {
    for (let col = 0; col < cols; col++) factors[col]! += data[start + col]! * data[start + col]!;
  }
  for (let col = 0; col < cols; col++) factors[col] = 1 / Math.sqrt(Math.max(factors[col]!, 1e-30));
  for (let start = 0; start < data.length; start += cols) {
    for (let col = 0; col < cols; col++) data[start + col]! *= factors[col]!;
  }
  return matrix;
}
