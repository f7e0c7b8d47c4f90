import { type LinearAlgebra, type Matrix32, rowRange } from "../../math/matrix.js";

/**
 * The nearest of some examples for each of some rows, nearest first. Row `i` has `counts[i]` of them,
 * from position `i · width` on.
 */
export interface NearestRows {
  /** The largest number of neighbours of a row. */
  readonly width: number;
  readonly counts: Int32Array;
  /** Their row numbers. */
  readonly rows: Int32Array;
  readonly cosines: Float32Array;
}

/** Rows whose cosines to all examples are held at a time. */
const BLOCK_ROWS = 256;
/** Rows of a square block where rows are compared among each other: its cosines take 4 MB. */
const SQUARE_ROWS = 1024;

/**
 * The nearest examples of each row; of equal ones, the first.
 *
 * @param rows - Any number of rows of unit length.
 * @param isAllowed - Which example may be a neighbour of which row.
 * @param count - How many at most.
 */
export async function nearestRows(
  rows: Matrix32,
  examples: Matrix32,
  linearAlgebra: LinearAlgebra,
  isAllowed: (row: number, example: number) => boolean,
  count: number,
): Promise<NearestRows> {
  const search = new Search(rows.rows, Math.min(count, examples.rows));
  for (let start = 0; start < rows.rows; start += BLOCK_ROWS) {
    const block = rowRange(rows, start, BLOCK_ROWS);
    const { data, cols } = await linearAlgebra.multiply(block, examples, { b: true });
    for (let row = 0; row < block.rows; row++) {
      const from = row * cols;
      for (let example = 0; example < cols; example++) {
        const cosine = data[from + example]!;
        if (cosine > search.least[start + row]! && isAllowed(start + row, example)) {
          search.add(start + row, example, cosine);
        }
      }
    }
  }
  return search;
}

/**
 * The nearest other rows of each row. Each pair of rows is multiplied once, in square blocks: half the
 * work of {@link nearestRows}, and the same neighbours.
 */
export async function nearestOthers(
  rows: Matrix32,
  linearAlgebra: LinearAlgebra,
  count: number,
  signal?: AbortSignal,
): Promise<NearestRows> {
  const search = new Search(rows.rows, Math.min(count, Math.max(0, rows.rows - 1)));
  for (let top = 0; top < rows.rows; top += SQUARE_ROWS) {
    const upper = rowRange(rows, top, SQUARE_ROWS);
    signal?.throwIfAborted();
    for (let left = top; left < rows.rows; left += SQUARE_ROWS) {
      const block = rowRange(rows, left, SQUARE_ROWS);
      search.compare(await linearAlgebra.multiply(upper, block, { b: true }), top, left);
    }
  }
  return search;
}

/** The nearest that were found so far. */
class Search implements NearestRows {
  readonly width: number;
  readonly counts: Int32Array;
  readonly rows: Int32Array;
  readonly cosines: Float32Array;
  /** What a cosine must exceed to be among the nearest of each row. */
  readonly least: Float32Array;

  constructor(count: number, width: number) {
    this.width = width;
    this.counts = new Int32Array(count);
    this.rows = new Int32Array(count * width);
    this.cosines = new Float32Array(count * width);
    this.least = new Float32Array(count).fill(width > 0 ? Number.NEGATIVE_INFINITY : 2);
  }

  /** Looks through the products of rows `top` and on with rows `left` and on, for both. */
  compare({ rows, cols, data }: Matrix32, top: number, left: number): void {
    const least = this.least.subarray(left, left + cols);
    // On the diagonal every pair is met twice.
    const isDiagonal = left === top;
    for (let i = 0; i < rows; i++) {
      const row = top + i;
      const from = i * cols;
      let leastOfRow = this.least[row]!;
      for (let j = 0; j < cols; j++) {
        const cosine = data[from + j]!;
        if (cosine > leastOfRow && left + j !== row) {
          this.add(row, left + j, cosine);
          leastOfRow = this.least[row]!;
        }
        if (cosine > least[j]! && !isDiagonal) this.add(left + j, row, cosine);
      }
    }
  }

  /** Adds a neighbour that is nearer than the last, by insertion into a short sorted list. */
  add(row: number, other: number, cosine: number): void {
    const { width, counts, rows, cosines } = this;
    const start = row * width;
    const count = Math.min(counts[row]! + 1, width);
    let at = start + count - 1;
    while (at > start && cosines[at - 1]! < cosine) {
      rows[at] = rows[at - 1]!;
      cosines[at] = cosines[at - 1]!;
      at--;
    }
    rows[at] = other;
    cosines[at] = cosine;
    counts[row] = count;
    if (count === width) this.least[row] = cosines[start + width - 1]!;
  }
}
