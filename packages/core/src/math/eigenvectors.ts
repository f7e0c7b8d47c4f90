import { type CholeskyFactor, cholesky } from "./cholesky.js";
import {
  type LinearAlgebra,
  type Matrix32,
  type Matrix64,
  rowOf,
  selectRows,
  spacedRowNumbers,
  toDouble,
  toSingle,
  zeros64,
} from "./matrix.js";
import { dot, scale } from "./vector.js";

/**
 * Rounds of the iteration. Vectors of eigenvalues that differ by a half are told apart to 2 %; those
 * of closer ones are mixed, which changes no smooth function of the matrix by much.
 */
const ROUNDS = 5;

/**
 * The leading eigenvectors of a symmetric positive semi-definite matrix, as orthonormal rows in about
 * the order of falling eigenvalues: simultaneous iteration (Golub and Van Loan, Matrix Computations,
 * section 8.2). Products with the matrix are in single precision, which costs digits that the mixing
 * has lost already.
 *
 * @param count - How many are wanted; fewer come back where the matrix has a smaller rank.
 */
export async function leadingEigenvectors(
  matrix: Matrix32,
  count: number,
  algebra: LinearAlgebra,
): Promise<Matrix64> {
  const start = spacedRowNumbers(matrix.rows, Math.min(count, matrix.rows));
  let vectors = await orthonormalRows(toDouble(selectRows(matrix, start)), algebra);
  for (let round = 0; round < ROUNDS; round++) {
    const product = await algebra.multiply(toSingle(vectors), matrix);
    vectors = await orthonormalRows(toDouble(product), algebra);
  }
  // The second pass removes what rounding left of the first (CholeskyQR2, Yamamoto et al. 2015).
  return orthonormalRows(vectors, algebra);
}

/**
 * Orthonormal rows whose first k span what the first k of `rows` span, for every k: with
 * `L Lᵀ = rows · rowsᵀ` they are `L⁻¹ · rows`. Rows that depend on earlier ones are left out.
 */
async function orthonormalRows(rows: Matrix64, algebra: LinearAlgebra): Promise<Matrix64> {
  const unit = withUnitRows(rows);
  const inverse = inverseOf(cholesky(await algebra.multiply(unit, unit, { b: true })));
  return algebra.multiply(inverse, unit);
}

function withUnitRows(matrix: Matrix64): Matrix64 {
  const result = { ...matrix, data: matrix.data.slice() };
  for (let row = 0; row < result.rows; row++) {
    const vector = rowOf(result, row);
    const length = Math.sqrt(dot(vector, vector));
    if (length > 0) scale(vector, 1 / length);
  }
  return result;
}

/** `L⁻¹` of the rows with a pivot, and 0 for the others: rank x size. */
function inverseOf({ factor, pivots }: CholeskyFactor): Matrix64 {
  const inverse = zeros64(pivots.length, factor.rows);
  const { cols, data } = inverse;
  for (let k = 0; k < pivots.length; k++) {
    const row = k * cols;
    const below = pivots[k]! * factor.cols;
    data[row + pivots[k]!] = 1;
    for (let i = 0; i < k; i++) {
      const share = factor.data[below + i]!;
      const shift = (i - k) * cols;
      for (let at = row; at <= row + pivots[i]!; at++) data[at]! -= share * data[at + shift]!;
    }
    const pivot = factor.data[below + k]!;
    for (let at = row; at <= row + pivots[k]!; at++) data[at]! /= pivot;
  }
  return inverse;
}
