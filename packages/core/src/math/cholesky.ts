import { type Matrix64, rowOf, zeros64 } from "./matrix.js";
import { addScaled, dot } from "./vector.js";

/** The Cholesky factor of a positive semi-definite matrix of any rank. */
export interface CholeskyFactor {
  /** `L` with `L Lᵀ = A`, one column for each pivot: size x rank. */
  readonly factor: Matrix64;
  /**
   * The row of each pivot, increasing. The rows of `L` named here form a lower triangle; every
   * other row of `A` depends on the rows before it.
   */
  readonly pivots: Int32Array;
}

/** A pivot below this share of the largest diagonal element is taken for zero. */
const rankTolerance = 1e-12;

/**
 * Factors a symmetric positive semi-definite matrix; only its lower triangle is read. Rows that
 * depend on earlier ones (in a Gram matrix: duplicates) get no column of their own: for such a
 * matrix a zero pivot means that the rest of its column is zero too. Pivots are taken in order, so
 * where rows are nearly dependent, rounding can leave one column more; `L Lᵀ = A` holds then as well.
 */
export function cholesky(a: Matrix64): CholeskyFactor {
  const size = a.rows;
  const work = zeros64(size, size).data;
  const pivots: number[] = [];
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, a.data[i * size + i]!);
  for (let j = 0; j < size; j++) {
    const rank = pivots.length;
    const row = j * size;
    const pivot = a.data[row + j]! - dotAt(work, row, row, rank);
    if (!(pivot > rankTolerance * largest)) continue;
    const root = Math.sqrt(pivot);
    work[row + rank] = root;
    for (let i = j + 1; i < size; i++) {
      const other = i * size;
      work[other + rank] = (a.data[other + j]! - dotAt(work, other, row, rank)) / root;
    }
    pivots.push(j);
  }
  return { factor: firstColumns(work, size, pivots.length), pivots: Int32Array.from(pivots) };
}

/**
 * For each row `v` of `vectors` (any number x rank) the vector `b` with `Lᵀ b = v` that is zero
 * outside the pivots.
 *
 * @returns one solution a row: any number x size.
 */
export function solveTransposed({ factor, pivots }: CholeskyFactor, vectors: Matrix64): Matrix64 {
  const solution = zeros64(vectors.rows, factor.rows);
  for (let index = 0; index < vectors.rows; index++) {
    const rest = rowOf(vectors, index).slice();
    for (let column = pivots.length - 1; column >= 0; column--) {
      const pivotRow = rowOf(factor, pivots[column]!).subarray(0, column + 1);
      const value = rest[column]! / pivotRow[column]!;
      solution.data[index * factor.rows + pivots[column]!] = value;
      addScaled(rest.subarray(0, column), -value, pivotRow);
    }
  }
  return solution;
}

/**
 * For each row `b` of `vectors` (any number x size) the vector `y` with `(L y)ᵢ = bᵢ` at the pivots.
 *
 * @returns one solution a row: any number x rank.
 */
export function solveLower({ factor, pivots }: CholeskyFactor, vectors: Matrix64): Matrix64 {
  const solution = zeros64(vectors.rows, pivots.length);
  for (let index = 0; index < vectors.rows; index++) {
    const b = rowOf(vectors, index);
    const y = rowOf(solution, index);
    pivots.forEach((pivot, column) => {
      const row = rowOf(factor, pivot);
      y[column] = (b[pivot]! - dot(row.subarray(0, column), y)) / row[column]!;
    });
  }
  return solution;
}

/** The solution of `A x = b` that is zero outside the pivots; exact where `b` is in A's range. */
export function solve(decomposition: CholeskyFactor, b: Float64Array): Float64Array {
  const y = solveLower(decomposition, { rows: 1, cols: b.length, data: b });
  return solveTransposed(decomposition, y).data;
}

function firstColumns(square: Float64Array, size: number, count: number): Matrix64 {
  const result = zeros64(size, count);
  for (let row = 0; row < size; row++) {
    result.data.set(square.subarray(row * size, row * size + count), row * count);
  }
  return result;
}

/** Dot product of two stretches of one array. */
function dotAt(data: Float64Array, a: number, b: number, length: number): number {
  const unrolled = length - (length % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < unrolled; i += 4) {
    s0 += data[a + i]! * data[b + i]!;
    s1 += data[a + i + 1]! * data[b + i + 1]!;
    s2 += data[a + i + 2]! * data[b + i + 2]!;
    s3 += data[a + i + 3]! * data[b + i + 3]!;
  }
  for (let i = unrolled; i < length; i++) s0 += data[a + i]! * data[b + i]!;
  return s0 + s1 + (s2 + s3);
}
