import { type Matrix64, zeros64 } from "./matrix.js";

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

/** `a · b`, for a dense `b`. */
export function multiplySparse(a: Csr, b: Matrix64): Matrix64 {
  const result = zeros64(a.rows, b.cols);
  const width = b.cols;
  for (let row = 0; row < a.rows; row++) {
    for (let entry = a.rowOffsets[row]!; entry < a.rowOffsets[row + 1]!; entry++) {
      addRow(result.data, row * width, a.values[entry]!, b.data, a.columns[entry]! * width, width);
    }
  }
  return result;
}

/** `aᵀ · b`, for a dense `b`. */
export function multiplySparseTransposed(a: Csr, b: Matrix64): Matrix64 {
  const result = zeros64(a.cols, b.cols);
  const width = b.cols;
  for (let row = 0; row < a.rows; row++) {
    for (let entry = a.rowOffsets[row]!; entry < a.rowOffsets[row + 1]!; entry++) {
      addRow(result.data, a.columns[entry]! * width, a.values[entry]!, b.data, row * width, width);
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

/** `target[targetStart + i] += factor · source[sourceStart + i]` for `i < length`. */
function addRow(
  target: Float64Array,
  targetStart: number,
  factor: number,
  source: Float64Array,
  sourceStart: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    target[targetStart + i] = target[targetStart + i]! + factor * source[sourceStart + i]!;
  }
}
