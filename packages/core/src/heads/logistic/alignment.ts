import {
  inPrecisionOf,
  type LinearAlgebra,
  type Matrix,
  type Matrix64,
  rowOf,
  selectRows,
  spacedRowNumbers,
  toDouble,
  zeros64,
} from "../../math/matrix.js";
import { applyReflector, reflectorFor } from "../../math/reflector.js";
import { addScaled, dot, scale } from "../../math/vector.js";
import { type LinearModel, weightMatrix } from "./linear-model.js";

/** A change of coordinates of features, made in place. */
export interface Alignment {
  /** A classifier of the original features as one of the aligned. */
  readonly align: (model: LinearModel) => Promise<LinearModel>;
  /** The inverse of `align`. */
  readonly restore: (model: LinearModel) => Promise<LinearModel>;
}

/** More axes help little: variances fall quickly, and the rest are alike. */
const axisCount = 64;
/** Directions need to be right only as far as variances differ, by a factor of two or so. */
const iterations = 3;
/** A direction of which less than this is new is left out. */
const independence = 1e-6;

/**
 * Rotates features, in place, so that their leading principal axes become the first coordinates:
 * `X ← X Q` with an orthogonal `Q`. Scores and penalties are the same for `W Q` as for `W`, so it is
 * the same problem. But now columns are nearly uncorrelated as far as that matters, and their
 * variances are the diagonal of the curvature, which a solver can use.
 */
export async function alignFeatures(x: Matrix, algebra: LinearAlgebra): Promise<Alignment> {
  const reflector = reflectorFor(await principalAxes(x, algebra));
  await applyReflector(x, reflector, algebra);
  const rotated = async (model: LinearModel, inverse: boolean): Promise<LinearModel> => {
    const weights = { ...weightMatrix(model), data: model.weights.slice() };
    await applyReflector(weights, reflector, algebra, { inverse });
    return { weights: weights.data, bias: model.bias };
  };
  return { align: (model) => rotated(model, false), restore: (model) => rotated(model, true) };
}

/** The leading eigenvectors of `Xᵀ X`, by subspace iteration. */
async function principalAxes(x: Matrix, algebra: LinearAlgebra): Promise<Matrix64> {
  let axes = orthonormalRows(spacedRows(x, Math.min(axisCount, x.rows, x.cols)));
  for (let i = 0; i < iterations; i++) {
    const scores = await algebra.multiply(inPrecisionOf(x, axes), x, { b: true });
    axes = orthonormalRows(toDouble(await algebra.multiply(scores, x)));
  }
  return axes;
}

/** Examples, as a first guess of directions in which examples vary. */
function spacedRows(x: Matrix, count: number): Matrix64 {
  return toDouble(selectRows(x, spacedRowNumbers(x.rows, count)));
}

/** Modified Gram-Schmidt on the rows; rows that depend on earlier ones are left out. */
function orthonormalRows(matrix: Matrix64): Matrix64 {
  const kept: Float64Array[] = [];
  for (let row = 0; row < matrix.rows; row++) {
    const vector = rowOf(matrix, row);
    const length = Math.sqrt(dot(vector, vector));
    for (const axis of kept) addScaled(vector, -dot(vector, axis), axis);
    const rest = Math.sqrt(dot(vector, vector));
    if (!(rest > independence * length)) continue;
    scale(vector, 1 / rest);
    kept.push(vector);
  }
  const result = zeros64(kept.length, matrix.cols);
  kept.forEach((axis, row) => {
    rowOf(result, row).set(axis);
  });
  return result;
}
