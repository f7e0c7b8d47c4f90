import { type LinearAlgebra, type Matrix64, rowOf, toDouble, zeros64 } from "../math/matrix.js";
import { addScaled, dot, scale } from "../math/vector.js";
import type { Design } from "./design.js";
import { type LinearModel, weightMatrix } from "./linear-model.js";

/** A design in coordinates in which the curvature of a loss is nearly diagonal. */
export interface AlignedDesign {
  readonly design: Design;
  /** A classifier in the original coordinates as one of the aligned. */
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
 * Changes coordinates so that the leading principal axes `U` (orthonormal) get coordinates of their
 * own: `W = A U + W⊥ (I - Uᵀ U)`, with the variables `[A, W⊥]`. It is the same problem: scores are
 * the same, and so is the norm for every `W⊥` that a solver reaches, as it starts orthogonal to `U`
 * and its gradient stays so. But now the variance of each coordinate is known, and with it a
 * diagonal estimate of the curvature, which halves the number of evaluations on large problems.
 */
export async function alignDesign(design: Design, algebra: LinearAlgebra): Promise<AlignedDesign> {
  const { axes, meanSquares } = await principalAxes(design);
  const align = async (weights: Matrix64): Promise<Matrix64> => {
    const along = await algebra.multiply(weights, axes, { b: true });
    const across = subtract(weights, await algebra.multiply(along, axes));
    return joinColumns(along, across);
  };
  const restore = async (variables: Matrix64): Promise<Matrix64> => {
    const [along, across] = splitColumns(variables, axes.rows);
    const excess = await algebra.multiply(across, axes, { b: true });
    const change = await algebra.multiply(subtract(along, excess), axes);
    addScaled(across.data, 1, change.data);
    return across;
  };
  return {
    design: {
      rows: design.rows,
      cols: axes.rows + design.cols,
      meanSquares,
      scores: async (variables) => design.scores(await restore(variables)),
      gradient: async (residuals) => align(toDouble(await design.gradient(residuals))),
      gram: () => design.gram(),
    },
    align: async (model) => ({
      weights: (await align(weightMatrix(model))).data,
      bias: model.bias,
    }),
    restore: async (model) => ({
      weights: (await restore(weightMatrix(model))).data,
      bias: model.bias,
    }),
  };
}

/**
 * The leading eigenvectors of the covariance by subspace iteration, and the mean square of every
 * aligned coordinate: along each axis, then the rest spread evenly over the original columns.
 */
async function principalAxes(
  design: Design,
): Promise<{ axes: Matrix64; meanSquares: Float64Array }> {
  const count = Math.min(axisCount, design.rows, design.cols);
  // Examples are a good first guess of directions in which examples vary.
  const chosen = zeros64(design.rows, count);
  for (let axis = 0; axis < count; axis++) {
    chosen.data[Math.floor(((axis + 0.5) * design.rows) / count) * count + axis] = 1;
  }
  let axes = orthonormalRows(toDouble(await design.gradient(chosen)));
  for (let i = 0; i < iterations; i++) {
    axes = orthonormalRows(toDouble(await design.gradient(await design.scores(axes))));
  }
  const meanSquares = new Float64Array(axes.rows + design.cols);
  const projections = await design.scores(axes);
  projections.data.forEach((value, at) => {
    meanSquares[at % axes.rows]! += (value * value) / design.rows;
  });
  const explained = meanSquares.reduce((sum, value) => sum + value, 0);
  meanSquares.fill(Math.max(0, 1 - explained) / design.cols, axes.rows);
  return { axes, meanSquares };
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

function subtract(a: Matrix64, b: Matrix64): Matrix64 {
  return { ...a, data: a.data.map((value, i) => value - b.data[i]!) };
}

function joinColumns(left: Matrix64, right: Matrix64): Matrix64 {
  const result = zeros64(left.rows, left.cols + right.cols);
  for (let row = 0; row < left.rows; row++) {
    const target = rowOf(result, row);
    target.set(rowOf(left, row));
    target.set(rowOf(right, row), left.cols);
  }
  return result;
}

function splitColumns(matrix: Matrix64, width: number): [Matrix64, Matrix64] {
  const left = zeros64(matrix.rows, width);
  const right = zeros64(matrix.rows, matrix.cols - width);
  for (let row = 0; row < matrix.rows; row++) {
    const source = rowOf(matrix, row);
    rowOf(left, row).set(source.subarray(0, width));
    rowOf(right, row).set(source.subarray(width));
  }
  return [left, right];
}
