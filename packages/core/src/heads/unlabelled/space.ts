import { leadingEigenvectors } from "../../math/eigenvectors.js";
import {
  type LinearAlgebra,
  type Matrix32,
  type Matrix64,
  rowOf,
  spacedRowNumbers,
  toDouble,
  toSingle,
  transposed,
  zeros32,
  zeros64,
} from "../../math/matrix.js";
import { isCsr, multiplySparseTransposed } from "../../math/sparse.js";
import { addScaled, dot, scale } from "../../math/vector.js";
import { denseDesign, sparseDesign } from "../logistic/design.js";
import { type Features, type LinearModel, weightMatrix } from "../logistic/linear-model.js";

/**
 * Coordinates along the principal axes of some rows, at most as many as were asked for:
 * `axes · (x - mean)`. Together the features have variance 1 over those rows.
 */
export interface LinearSpace {
  readonly mean: Float64Array;
  /** Coordinates x features. */
  readonly axes: Matrix64;
  /** The variance of each coordinate. */
  readonly variances: Float64Array;
  /** The mean variance of a feature. */
  readonly meanVariance: number;
}

/** Where the features of a view come from. */
export interface ViewRows {
  readonly rows: number;
  /** The features of some rows, by their numbers from 0. */
  read(rows: Int32Array): Features;
}

/** More rows than this tell hardly more about the axes, and cost the square. */
const MOST_SAMPLED = 1600;
const BLOCK_ROWS = 4096;

/**
 * Finds the principal axes of some rows, and the rows along them.
 *
 * @param count - How many axes at most.
 * @param scaleOf - What the features are multiplied by, for their variances.
 */
export async function fitSpace(
  source: ViewRows,
  count: number,
  scaleOf: (variances: Float64Array) => Float64Array,
  algebra: LinearAlgebra,
): Promise<{ readonly space: LinearSpace; readonly coordinates: Matrix32 }> {
  const { mean, variance } = momentsOf(source);
  const factors = scaleOf(variance);
  const sample = spacedRowNumbers(source.rows, Math.min(source.rows, MOST_SAMPLED));
  const axes = await principalAxes(source.read(sample), mean, factors, count, algebra);
  const total = variance.reduce((sum, value, col) => sum + value * factors[col]! ** 2, 0);
  const unit = total > 0 ? 1 / Math.sqrt(total) : 1;
  for (let axis = 0; axis < axes.rows; axis++) {
    const vector = rowOf(axes, axis);
    for (let col = 0; col < vector.length; col++) vector[col]! *= factors[col]! * unit;
  }
  const coordinates = await allCoordinates({ mean, axes }, source, algebra);
  const variances = new Float64Array(axes.rows);
  coordinates.data.forEach((value, at) => {
    variances[at % axes.rows]! += value ** 2 / source.rows;
  });
  return { space: { mean, axes, variances, meanVariance: 1 / mean.length }, coordinates };
}

/** The first coordinates of some rows alone. */
export function firstColumns({ rows, cols, data }: Matrix32, count: number): Matrix32 {
  if (count >= cols) return { rows, cols, data };
  const result = zeros32(rows, count);
  for (let row = 0; row < rows; row++) {
    result.data.set(data.subarray(row * cols, row * cols + count), row * count);
  }
  return result;
}

/** The first axes of a space alone. */
export function firstAxes(space: LinearSpace, count: number): LinearSpace {
  const rows = Math.min(count, space.axes.rows);
  const { cols, data } = space.axes;
  return {
    ...space,
    axes: { rows, cols, data: data.subarray(0, rows * cols) },
    variances: space.variances.subarray(0, rows),
  };
}

/**
 * The same axes, each stretched by the fourth root of its variance: the opposite of whitening. A probe
 * on such coordinates expects labels to follow the directions in which the rows vary.
 *
 * @param meanVariance - A tenth of it is added, so that axes of little variance are not lost.
 */
export function colour(space: LinearSpace, meanVariance: number): LinearSpace {
  const factors = space.variances.map((variance) => (0.9 * variance + 0.1 * meanVariance) ** 0.25);
  const axes = { ...space.axes, data: space.axes.data.slice() };
  for (let axis = 0; axis < axes.rows; axis++) scale(rowOf(axes, axis), factors[axis]!);
  return {
    ...space,
    axes,
    variances: space.variances.map((variance, axis) => variance * factors[axis]! ** 2),
  };
}

/** The coordinates of some rows: rows x axes. */
export async function coordinatesOf(
  { axes, mean }: Pick<LinearSpace, "axes" | "mean">,
  features: Features,
  algebra: LinearAlgebra,
): Promise<Matrix32> {
  const products = isCsr(features)
    ? toSingle(transposed(multiplySparseTransposed(axes, features)))
    : await algebra.multiply(toSingle(features), toSingle(axes), { b: true });
  const shift = Float64Array.from({ length: axes.rows }, (_, axis) => dot(rowOf(axes, axis), mean));
  for (let row = 0; row < products.rows; row++) addScaled(rowOf(products, row), -1, shift);
  return products;
}

/** A classifier of coordinates as one of the features: `W (A (x - m)) + b = (W A) x + (b - W A m)`. */
export async function modelOfFeatures(
  { axes, mean }: LinearSpace,
  model: LinearModel,
  algebra: LinearAlgebra,
): Promise<LinearModel> {
  const weights = await algebra.multiply(weightMatrix(model), axes);
  const bias = model.bias.map((value, k) => value - dot(rowOf(weights, k), mean));
  return { weights: weights.data, bias };
}

/** The mean and the variance of every feature. */
function momentsOf(source: ViewRows): { mean: Float64Array; variance: Float64Array } {
  let mean = new Float64Array(0);
  let squares = new Float64Array(0);
  for (let start = 0; start < source.rows; start += BLOCK_ROWS) {
    const block = source.read(rowNumbers(start, Math.min(source.rows, start + BLOCK_ROWS)));
    if (start === 0) [mean, squares] = [new Float64Array(block.cols), new Float64Array(block.cols)];
    const add = (col: number, value: number): void => {
      mean[col]! += value / source.rows;
      squares[col]! += value ** 2 / source.rows;
    };
    if (isCsr(block)) {
      for (let at = 0; at < block.values.length; at++) add(block.columns[at]!, block.values[at]!);
    } else {
      for (let at = 0; at < block.data.length; at++) add(at % block.cols, block.data[at]!);
    }
  }
  const variance = squares.map((square, col) => Math.max(0, square - mean[col]! ** 2));
  return { mean, variance };
}

/** Orthonormal principal axes of centred, scaled rows: by their Gram matrix, or their covariance. */
async function principalAxes(
  features: Features,
  mean: Float64Array,
  factors: Float64Array,
  count: number,
  algebra: LinearAlgebra,
): Promise<Matrix64> {
  if (isCsr(features)) {
    const design = sparseDesign(features, { mean, factor: 1 });
    const vectors = await leadingEigenvectors(await design.gram(), count, algebra);
    return unitRows(toDouble(await design.gradient(vectors)));
  }
  const x = zeros64(features.rows, features.cols);
  features.data.forEach((value, at) => {
    const col = at % x.cols;
    x.data[at] = (value - mean[col]!) * factors[col]!;
  });
  if (x.cols <= x.rows) {
    return leadingEigenvectors(await algebra.multiply(x, x, { a: true }), count, algebra);
  }
  const gram = await denseDesign(x, algebra).gram();
  const vectors = await leadingEigenvectors(gram, count, algebra);
  return unitRows(await algebra.multiply(vectors, x));
}

function unitRows(matrix: Matrix64): Matrix64 {
  for (let row = 0; row < matrix.rows; row++) {
    const vector = rowOf(matrix, row);
    const length = Math.sqrt(dot(vector, vector));
    if (length > 0) scale(vector, 1 / length);
  }
  return matrix;
}

/** The coordinates of all rows of a view, read in blocks. */
export async function allCoordinates(
  space: Pick<LinearSpace, "axes" | "mean">,
  source: ViewRows,
  algebra: LinearAlgebra,
): Promise<Matrix32> {
  const result = zeros32(source.rows, space.axes.rows);
  for (let start = 0; start < source.rows; start += BLOCK_ROWS) {
    const rows = rowNumbers(start, Math.min(source.rows, start + BLOCK_ROWS));
    const block = await coordinatesOf(space, source.read(rows), algebra);
    result.data.set(block.data, start * result.cols);
  }
  return result;
}

function rowNumbers(start: number, end: number): Int32Array {
  return Int32Array.from({ length: end - start }, (_, index) => start + index);
}
