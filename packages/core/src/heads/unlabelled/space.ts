import {
  type LinearAlgebra,
  type Matrix32,
  rowOf,
  spacedRowNumbers,
  toSingle,
  zeros32,
} from "../../math/matrix.js";
import { isCsr, multiplySparseDense } from "../../math/sparse.js";
import { dot } from "../../math/vector.js";
import { type Features, type LinearModel, weightMatrix } from "../logistic/linear-model.js";
import { momentsOf, principalAxes } from "./principal-axes.js";

/**
 * Coordinates along principal axes of some rows: `stretch · (axesᵀ x - origin)`. Before they are
 * stretched, all features together have variance 1 over those rows.
 */
export interface LinearSpace {
  /** Features x axes. A space may leave out the last of them. */
  readonly axes: Matrix32;
  /** Where the mean of the rows lies along each axis. */
  readonly origin: Float64Array;
  /** What each coordinate is multiplied by; as many as there are coordinates. */
  readonly stretch: Float64Array;
  /** The variance of each coordinate. */
  readonly variances: Float64Array;
}

/** Where the features of a view come from. */
export interface ViewRows {
  readonly rows: number;
  /** The features of some rows, by their numbers from 0, as a copy. */
  readonly read: (rows: Int32Array) => Features;
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
  const { mean, variance } = momentsOf(blocksOf(source));
  const factors = scaleOf(variance);
  const sample = spacedRowNumbers(source.rows, Math.min(source.rows, MOST_SAMPLED));
  const axes = await principalAxes(source.read(sample), mean, factors, count, algebra);
  const total = variance.reduce((sum, value, col) => sum + value * factors[col]! ** 2, 0);
  const unit = total > 0 ? 1 / Math.sqrt(total) : 1;
  const origin = new Float64Array(axes.cols);
  for (let col = 0; col < axes.rows; col++) {
    const [start, factor] = [col * axes.cols, factors[col]! * unit];
    for (let axis = 0; axis < axes.cols; axis++) {
      axes.data[start + axis]! *= factor;
      origin[axis]! += axes.data[start + axis]! * mean[col]!;
    }
  }
  const stretch = new Float64Array(axes.cols).fill(1);
  const coordinates = await allCoordinates({ axes, origin, stretch }, source, algebra);
  return { space: { axes, origin, stretch, variances: meanSquares(coordinates) }, coordinates };
}

function meanSquares({ rows, cols, data }: Matrix32): Float64Array {
  const sums = new Float64Array(cols);
  for (let start = 0; start < data.length; start += cols) {
    for (let col = 0; col < cols; col++) sums[col]! += data[start + col]! * data[start + col]!;
  }
  return sums.map((sum) => sum / rows);
}

/** The first columns alone. */
export function firstColumns({ rows, cols, data }: Matrix32, count: number): Matrix32 {
  if (count >= cols) return { rows, cols, data };
  const result = zeros32(rows, count);
  for (let row = 0; row < rows; row++) {
    result.data.set(data.subarray(row * cols, row * cols + count), row * count);
  }
  return result;
}

/** The first coordinates of a space alone. */
export function firstAxes(space: LinearSpace, count: number): LinearSpace {
  const [stretch, variances] = [space.stretch, space.variances].map((of) => of.subarray(0, count));
  return { ...space, stretch: stretch!, variances: variances! };
}

/**
 * The same axes, each stretched by the fourth root of its variance: the opposite of whitening. A probe
 * on such coordinates expects labels to follow the directions in which the rows vary.
 *
 * @param meanVariance - A tenth of it is added, so that axes of little variance are not lost.
 */
export function colour(space: LinearSpace, meanVariance: number): LinearSpace {
  const { stretch, variances } = space;
  const factors = variances.map((variance) => (0.9 * variance + 0.1 * meanVariance) ** 0.25);
  return {
    ...space,
    stretch: stretch.map((value, axis) => value * factors[axis]!),
    variances: variances.map((variance, axis) => variance * factors[axis]! ** 2),
  };
}

type Coordinates = Pick<LinearSpace, "axes" | "origin" | "stretch">;

/** The coordinates of some rows: rows x coordinates. */
export async function coordinatesOf(
  { axes, origin, stretch }: Coordinates,
  features: Features,
  algebra: LinearAlgebra,
): Promise<Matrix32> {
  const products = isCsr(features)
    ? multiplySparseDense(features, axes)
    : await algebra.multiply(toSingle(features), axes);
  const result = firstColumns(products, stretch.length);
  const { cols, data } = result;
  for (let start = 0; start < data.length; start += cols) {
    for (let axis = 0; axis < cols; axis++) {
      data[start + axis] = stretch[axis]! * (data[start + axis]! - origin[axis]!);
    }
  }
  return result;
}

/** A classifier of coordinates as one of the features. */
export async function modelOfFeatures(
  { axes, origin, stretch }: LinearSpace,
  model: LinearModel,
  algebra: LinearAlgebra,
): Promise<LinearModel> {
  const stretched = zeros32(model.bias.length, axes.cols);
  const own = weightMatrix(model);
  const bias = model.bias.slice();
  for (let k = 0; k < own.rows; k++) {
    const row = rowOf(own, k).map((weight, axis) => weight * stretch[axis]!);
    rowOf(stretched, k).set(row);
    bias[k]! -= dot(row, origin.subarray(0, row.length));
  }
  const weights = await algebra.multiply(stretched, axes, { b: true });
  return { weights: Float64Array.from(weights.data), bias };
}

/** The coordinates of all rows of a view, read in blocks. */
export async function allCoordinates(
  space: Coordinates,
  source: ViewRows,
  algebra: LinearAlgebra,
): Promise<Matrix32> {
  const result = zeros32(source.rows, space.stretch.length);
  let at = 0;
  for (const block of blocksOf(source)) {
    const coordinates = await coordinatesOf(space, block, algebra);
    result.data.set(coordinates.data, at);
    at += coordinates.data.length;
  }
  return result;
}

function* blocksOf({ rows, read }: ViewRows): Generator<Features> {
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows - start);
    yield read(Int32Array.from({ length: count }, (_, index) => start + index));
  }
}
