import { type Matrix32, type Matrix64, rowOf, zeros32, zeros64 } from "./matrix.js";

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

/** `a · b`, for a sparse `a` and a dense `b`. */
export function multiplySparseDense(a: Csr, b: Matrix32): Matrix32 {
  const result = zeros32(a.rows, b.cols);
  for (let row = 0; row < a.rows; row++) {
    for (let entry = a.rowOffsets[row]!; entry < a.rowOffsets[row + 1]!; entry++) {
      addRow(result, row, a.values[entry]!, b, a.columns[entry]!);
    }
  }
  return result;
}

/** `aᵀ · b`, for a sparse `a` and a dense `b`. */
export function multiplyTransposedSparseDense(a: Csr, b: Matrix32): Matrix32 {
  const result = zeros32(a.cols, b.cols);
  for (let row = 0; row < a.rows; row++) {
    for (let entry = a.rowOffsets[row]!; entry < a.rowOffsets[row + 1]!; entry++) {
      addRow(result, a.columns[entry]!, a.values[entry]!, b, row);
    }
  }
  return result;
}

/** Adds a multiple of a row of `from` to a row of `to`, of as many columns. */
function addRow(to: Matrix32, row: number, factor: number, from: Matrix32, other: number): void {
  const { cols, data } = to;
  const source = from.data;
  const [start, shift] = [row * cols, (other - row) * cols];
  for (let at = start; at < start + cols; at++) data[at]! += factor * source[at + shift]!;
}

/** The Gram matrix `a · aᵀ`. */
export function gramSparse(a: Csr): Matrix64 {
  const gram = zeros64(a.rows, a.rows);
  // Only rows that have a column in common meet.
  const byColumn = transposedSparse(a);
  for (let row = 0; row < a.rows; row++) {
    const start = row * a.rows;
    for (let entry = a.rowOffsets[row]!; entry < a.rowOffsets[row + 1]!; entry++) {
      const column = a.columns[entry]!;
      const value = a.values[entry]!;
      for (let at = byColumn.rowOffsets[column]!; byColumn.columns[at]! < row; at++) {
        gram.data[start + byColumn.columns[at]!]! += value * byColumn.values[at]!;
      }
      gram.data[start + row]! += value * value;
    }
    for (let other = 0; other < row; other++) {
      gram.data[other * a.rows + row] = gram.data[start + other]!;
    }
  }
  return gram;
}

/** The transposed matrix. */
function transposedSparse({ rows, cols, rowOffsets, columns, values }: Csr): Csr {
  const offsets = new Int32Array(cols + 1);
  for (const column of columns) offsets[column + 1]!++;
  for (let column = 0; column < cols; column++) offsets[column + 1]! += offsets[column]!;
  const next = offsets.slice();
  const transposed = {
    rows: cols,
    cols: rows,
    rowOffsets: offsets,
    columns: new Int32Array(columns.length),
    values: new Float64Array(columns.length),
  };
  for (let row = 0; row < rows; row++) {
    for (let entry = rowOffsets[row]!; entry < rowOffsets[row + 1]!; entry++) {
      const at = next[columns[entry]!]!++;
      transposed.columns[at] = row;
      transposed.values[at] = values[entry]!;
    }
  }
  return transposed;
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
