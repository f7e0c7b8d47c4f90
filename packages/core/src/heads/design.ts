import {
  inPrecisionOf,
  type LinearAlgebra,
  type Matrix,
  type Matrix64,
  rowOf,
  toDouble,
  transposed,
  zeros32,
  zeros64,
} from "../math/matrix.js";
import { multiply } from "../math/plain-linear-algebra.js";
import {
  type Csr,
  gramSparse,
  isCsr,
  multiplySparse,
  multiplySparseTransposed,
} from "../math/sparse.js";
import { addScaled, dot } from "../math/vector.js";
import type { Features } from "./linear-model.js";
import type { Scaling } from "./scaling.js";

/** Scaled features as a solver sees them: it multiplies by them and by their transpose. */
export interface Design {
  readonly rows: number;
  readonly cols: number;
  /** Mean square of every column, where columns are uncorrelated enough to learn from it. */
  readonly meanSquares?: Float64Array;
  /** `X · weightsᵀ`: rows x m, for weights of m x cols. The result belongs to the caller. */
  scores(weights: Matrix64): Promise<Matrix>;
  /** `residualsᵀ · X`: m x cols, for residuals of rows x m. */
  gradient(residuals: Matrix): Promise<Matrix>;
  /** `X · Xᵀ`, in double precision. */
  gram(): Promise<Matrix64>;
}

/**
 * Multiply-adds of one product (rows x columns x classes) beyond which dense features are kept in
 * single precision. It halves their memory and makes products 2.5 times faster, where the products
 * are nearly all of the time; sums of losses stay in double precision.
 */
const singlePrecisionAbove = 5e6;

/** Scales features for fits of the given number of classes. Sparse features stay sparse. */
export function createDesign(
  features: Features,
  scaling: Scaling,
  classes: number,
  algebra: LinearAlgebra,
): Design {
  if (isCsr(features)) return sparseDesign(features, scaling);
  const { rows, cols } = features;
  const target = needsDouble(features, classes) ? zeros64(rows, cols) : zeros32(rows, cols);
  return denseDesign(scaleRows(features, scaling, target), algebra);
}

/** Whether dense features are kept in double precision. */
export function needsDouble({ rows, cols }: Matrix, classes: number): boolean {
  return rows * cols * classes <= singlePrecisionAbove;
}

/** Features that are scaled already. */
export function denseDesign(x: Matrix, algebra: LinearAlgebra): Design {
  return {
    rows: x.rows,
    cols: x.cols,
    scores: (weights) => algebra.multiply(x, inPrecisionOf(x, weights), { b: true }),
    gradient: (residuals) => algebra.multiply(inPrecisionOf(x, residuals), x, { a: true }),
    gram: () => {
      const precise = toDouble(x);
      return algebra.multiply(precise, precise, { b: true });
    },
  };
}

/** Sparse features are centred on the fly: `(X - 1 meanᵀ) · w = X · w - 1 (meanᵀ w)`. */
function sparseDesign(features: Csr, scaling: Scaling): Design {
  const x: Csr = { ...features, values: features.values.map((value) => value * scaling.factor) };
  const mean: Matrix64 = {
    rows: 1,
    cols: x.cols,
    data: scaling.mean.map((value) => value * scaling.factor),
  };
  return {
    rows: x.rows,
    cols: x.cols,
    scores: async (weights) => {
      const columns = transposed(weights);
      const scores = multiplySparse(x, columns);
      const shift = multiply(mean, columns);
      for (let row = 0; row < x.rows; row++) addScaled(rowOf(scores, row), -1, shift.data);
      return scores;
    },
    gradient: async (residuals) => {
      const gradient = transposed(multiplySparseTransposed(x, toDouble(residuals)));
      const sums = columnSums(residuals);
      for (let row = 0; row < gradient.rows; row++) {
        addScaled(rowOf(gradient, row), -sums[row]!, mean.data);
      }
      return gradient;
    },
    gram: async () =>
      centreGram(gramSparse(x), multiplySparse(x, transposed(mean)).data, mean.data),
  };
}

/** `(X - 1 mᵀ)(X - 1 mᵀ)ᵀ`, in place, from `X Xᵀ`, `X m` and `m`. */
function centreGram(gram: Matrix64, projections: Float64Array, mean: Float64Array): Matrix64 {
  const meanSquared = dot(mean, mean);
  for (let row = 0; row < gram.rows; row++) {
    const values = rowOf(gram, row);
    const shift = projections[row]! - meanSquared;
    for (let col = 0; col < gram.cols; col++)
      values[col] = values[col]! - projections[col]! - shift;
  }
  return gram;
}

/** `target ← (features - mean) · factor`. */
function scaleRows(features: Matrix, { mean, factor }: Scaling, target: Matrix): Matrix {
  const { cols, data } = features;
  for (let start = 0; start < data.length; start += cols) {
    for (let col = 0; col < cols; col++) {
      target.data[start + col] = (data[start + col]! - mean[col]!) * factor;
    }
  }
  return target;
}

function columnSums(matrix: Matrix): Float64Array {
  const sums = new Float64Array(matrix.cols);
  for (let row = 0; row < matrix.rows; row++) addScaled(sums, 1, rowOf(matrix, row));
  return sums;
}
