import {
  inPrecisionOf,
  type LinearAlgebra,
  type Matrix,
  type Matrix64,
  rowOf,
  rowRange,
  zeros64,
} from "./matrix.js";
import { addScaled, dot, scale } from "./vector.js";

/**
 * An orthogonal d x d matrix `Q = I - Vᵀ U`, in the compact form of a product of k Householder
 * reflections (Schreiber and Van Loan 1989, SIAM J. Sci. Stat. Comput. 10).
 */
export interface Reflector {
  /** `V`: the vectors of the reflections, k x d. */
  readonly vectors: Matrix64;
  /** `U = T V`, with the triangular `T` that makes the product out of its factors: k x d. */
  readonly scaled: Matrix64;
}

/**
 * The orthogonal matrix whose first k columns span what the first k of `rows` span, for every k, and
 * whose other columns complete them to a basis.
 *
 * @param rows - At most as many rows as columns.
 */
export function reflectorFor(rows: Matrix64): Reflector {
  const rest = { ...rows, data: rows.data.slice() };
  const vectors = zeros64(rows.rows, rows.cols);
  const scaled = zeros64(rows.rows, rows.cols);
  for (let k = 0; k < rows.rows; k++) {
    const vector = rowOf(vectors, k);
    const target = rowOf(scaled, k);
    vector.set(rowOf(rest, k).subarray(k), k);
    const length = Math.sqrt(dot(vector, vector));
    if (length === 0) continue;
    // Away from the axis, so that nothing cancels.
    vector[k]! += vector[k]! < 0 ? -length : length;
    scale(vector, Math.SQRT2 / Math.sqrt(dot(vector, vector)));
    for (let later = k + 1; later < rows.rows; later++) {
      const other = rowOf(rest, later);
      addScaled(other, -dot(other, vector), vector);
    }
    // Q ← Q (I - v vᵀ), where Q v = v - Vᵀ U v
    target.set(vector);
    for (let earlier = 0; earlier < k; earlier++) {
      const row = rowOf(scaled, earlier);
      addScaled(row, -dot(row, vector), vector);
    }
  }
  return { vectors, scaled };
}

/** Rows that are changed at a time: bounds the memory. */
const blockRows = 1024;

/** `x ← x Q`, or with `inverse` `x ← x Qᵀ`. */
export async function applyReflector(
  x: Matrix,
  { vectors, scaled }: Reflector,
  algebra: LinearAlgebra,
  { inverse = false }: { inverse?: boolean } = {},
): Promise<void> {
  const [right, left] = (inverse ? [vectors, scaled] : [scaled, vectors]).map((matrix) =>
    inPrecisionOf(x, matrix),
  ) as [Matrix, Matrix];
  for (let start = 0; start < x.rows; start += blockRows) {
    const block = rowRange(x, start, blockRows);
    const projections = await algebra.multiply(block, left, { b: true });
    addScaled(block.data, -1, (await algebra.multiply(projections, right)).data);
  }
}
