import { type CholeskyFactor, cholesky } from "./cholesky.js";
import {
  type LinearAlgebra,
  type Matrix64,
  rowOf,
  selectRows,
  spacedRowNumbers,
  zeros64,
} from "./matrix.js";
import { addScaled, dot, scale } from "./vector.js";

/**
 * Rounds of the iteration. Vectors of eigenvalues that differ by a third are told apart to 1 %; those
 * of closer ones are mixed, which changes no smooth function of the matrix by much.
 */
const ROUNDS = 8;

/**
 * The leading eigenvectors of a symmetric positive semi-definite matrix, as orthonormal rows in about
 * the order of falling eigenvalues: simultaneous iteration (Golub and Van Loan, Matrix Computations,
 * section 8.2).
 *
 * @param count - How many are wanted; fewer come back where the matrix has a smaller rank.
 */
export async function leadingEigenvectors(
  matrix: Matrix64,
  count: number,
  algebra: LinearAlgebra,
): Promise<Matrix64> {
  const start = spacedRowNumbers(matrix.rows, Math.min(count, matrix.rows));
  let vectors = await orthonormalRows(selectRows(matrix, start), algebra);
  for (let round = 0; round < ROUNDS; round++) {
    vectors = await orthonormalRows(await algebra.multiply(vectors, matrix), algebra);
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
  pivots.forEach((pivot, k) => {
    const row = rowOf(inverse, k);
    const below = rowOf(factor, pivot);
    row[pivot] = 1;
    for (let i = 0; i < k; i++) {
      const length = pivots[i]! + 1;
      addScaled(row.subarray(0, length), -below[i]!, rowOf(inverse, i).subarray(0, length));
    }
    scale(row, 1 / below[k]!);
  });
  return inverse;
}
