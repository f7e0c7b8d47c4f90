import { type Matrix64, rowOf, zeros64 } from "./matrix.js";

/**
 * A sparse matrix by compressed rows. The entries of row `i` are at positions `rowOffsets[i]` to
 * `rowOffsets[i + 1]`, with strictly increasing columns.
 */
export interface Csr {
  readonly rows: number;
  readonly cols: number;
  /** `rows + 1` positions. */
  readonly rowOffsets: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Whether a feature matrix is sparse. */
export function isCsr(matrix: object): matrix is Csr {
  return "rowOffsets" in matrix;
}

/** `a · bᵀ`, for a dense `a` and a sparse `b`. */
export function multiplySparseTransposed(a: Matrix64, b: Csr): Matrix64 {
  const result = zeros64(a.rows, b.rows);
  for (let row = 0; row < a.rows; row++) {
    const dense = rowOf(a, row);
    const products = rowOf(result, row);
    for (let other = 0; other < b.rows; other++) {
      let sum = 0;
      for (let entry = b.rowOffsets[other]!; entry < b.rowOffsets[other + 1]!; entry++) {
        sum += b.values[entry]! * dense[b.columns[entry]!]!;
      }
      products[other] = sum;
    }
  }
  return result;
}

/** `a · b`, for a dense `a` and a sparse `b`. */
export function multiplySparse(a: Matrix64, b: Csr): Matrix64 {
  const result = zeros64(a.rows, b.cols);
  for (let row = 0; row < a.rows; row++) {
    const dense = rowOf(a, row);
    const sums = rowOf(result, row);
    for (let inner = 0; inner < b.rows; inner++) {
      const factor = dense[inner]!;
      for (let entry = b.rowOffsets[inner]!; entry < b.rowOffsets[inner + 1]!; entry++) {
        sums[b.columns[entry]!]! += factor * b.values[entry]!;
      }
    }
  }
  return result;
}

/** The Gram matrix `a · aᵀ`. */
export function gramSparse(a: Csr): Matrix64 {
  const gram = zeros64(a.rows, a.rows);
  const spread = new Float64Array(a.cols);
  for (let row = 0; row < a.rows; row++) {
    const [start, end] = [a.rowOffsets[row]!, a.rowOffsets[row + 1]!];
    for (let entry = start; entry < end; entry++) spread[a.columns[entry]!] = a.values[entry]!;
    for (let other = 0; other <= row; other++) {
      let sum = 0;
      for (let entry = a.rowOffsets[other]!; entry < a.rowOffsets[other + 1]!; entry++) {
        sum += a.values[entry]! * spread[a.columns[entry]!]!;
      }
      gram.data[row * a.rows + other] = sum;
      gram.data[other * a.rows + row] = sum;
    }
    for (let entry = start; entry < end; entry++) spread[a.columns[entry]!] = 0;
  }
  return gram;
}

/** The given rows, in the given order, as a new matrix. */
export function selectSparseRows(a: Csr, rows: Int32Array): Csr {
  const rowOffsets = new Int32Array(rows.length + 1);
  rows.forEach((row, index) => {
    rowOffsets[index + 1] = rowOffsets[index]! + a.rowOffsets[row + 1]! - a.rowOffsets[row]!;
  });
  const columns = new Int32Array(rowOffsets[rows.length]!);
  const values = new Float64Array(columns.length);
  rows.forEach((row, index) => {
    const [start, end] = [a.rowOffsets[row]!, a.rowOffsets[row + 1]!];
    columns.set(a.columns.subarray(start, end), rowOffsets[index]!);
    values.set(a.values.subarray(start, end), rowOffsets[index]!);
  });
  return { rows: rows.length, cols: a.cols, rowOffsets, columns, values };
}
