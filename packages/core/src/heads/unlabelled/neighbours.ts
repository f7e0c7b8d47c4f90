import { type LinearAlgebra, type Matrix32, rowOf, rowRange } from "../../math/matrix.js";

/** The rows that are most alike each of some rows, the most alike first. */
export interface Neighbours {
  /** How many there are of each row. */
  readonly count: number;
  /** Numbers of the neighbours: rows x count. */
  readonly rows: Int32Array;
  /** Their dot products: rows x count. */
  readonly similarities: Float32Array;
}

/** Rows of a block of the comparison: a product of two blocks is 16 MB. */
const BLOCK_ROWS = 2048;

/**
 * Finds the `count` rows of `others` with the largest dot products with each row of `vectors`, by
 * comparing all: rows · others · columns multiplications.
 *
 * @param areSame - The two are the same matrix, and no row is its own neighbour.
 */
export async function findNeighbours(
  vectors: Matrix32,
  others: Matrix32,
  wanted: number,
  algebra: LinearAlgebra,
  areSame = false,
): Promise<Neighbours> {
  const count = Math.max(0, Math.min(wanted, areSame ? others.rows - 1 : others.rows));
  const rows = new Int32Array(vectors.rows * count);
  const similarities = new Float32Array(vectors.rows * count).fill(Number.NEGATIVE_INFINITY);
  if (count === 0) return { count, rows, similarities };
  for (let top = 0; top < vectors.rows; top += BLOCK_ROWS) {
    const upper = rowRange(vectors, top, BLOCK_ROWS);
    for (let left = 0; left < others.rows; left += BLOCK_ROWS) {
      const products = await algebra.multiply(upper, rowRange(others, left, BLOCK_ROWS), {
        b: true,
      });
      for (let row = 0; row < products.rows; row++) {
        const at = (top + row) * count;
        const best = similarities.subarray(at, at + count);
        const found = rows.subarray(at, at + count);
        const own = areSame ? top + row - left : -1;
        keepLargest(rowOf(products, row), left, own, best, found);
      }
    }
  }
  return { count, rows, similarities };
}

/** Puts those values that belong among the largest so far in their places; of equals, the first stays. */
function keepLargest(
  values: Float32Array,
  offset: number,
  own: number,
  best: Float32Array,
  found: Int32Array,
): void {
  const last = best.length - 1;
  for (let col = 0; col < values.length; col++) {
    const value = values[col]!;
    if (value <= best[last]! || col === own) continue;
    let place = last;
    for (; place > 0 && best[place - 1]! < value; place--) {
      best[place] = best[place - 1]!;
      found[place] = found[place - 1]!;
    }
    best[place] = value;
    found[place] = offset + col;
  }
}
