import { DataError } from "../../errors.js";
import { rowOf } from "../../math/matrix.js";
import { isCsr } from "../../math/sparse.js";
import { addScaled, dot } from "../../math/vector.js";
import { type Features, type LinearModel, weightMatrix } from "./linear-model.js";

/**
 * The change of coordinates `(x - mean) · factor` that centres features and brings the sum of their
 * columns' variances to 1, so that one grid of regularisation strengths suits every view. A single
 * factor for all columns keeps their proportions, and the intercept absorbs the centring: neither
 * changes what the penalised solutions are, only which C they belong to.
 */
export interface Scaling {
  readonly mean: Float64Array;
  readonly factor: number;
}

/**
 * Measures features for their scaling. Constant features get factor 1.
 *
 * @throws DataError when a feature is not a finite number.
 */
export function fitScaling(features: Features): Scaling {
  const mean = columnMeans(features);
  const totalVariance = meanSquaredNorm(features) - dot(mean, mean);
  if (!Number.isFinite(totalVariance)) {
    throw new DataError(
      "data/invalid",
      "Some features are not finite numbers, so that no probe can be fitted. The base model overflows on some examples, or was exported in too low a precision.",
    );
  }
  // What is left of constant features is rounding.
  const isConstant = !(totalVariance > 1e-12 * dot(mean, mean));
  return { mean, factor: isConstant ? 1 : 1 / Math.sqrt(totalVariance) };
}

/** A classifier of scaled features as one of the features themselves. */
export function unscale(model: LinearModel, scaling: Scaling): LinearModel {
  const weights = model.weights.map((value) => value * scaling.factor);
  const rows = weightMatrix({ weights, bias: model.bias });
  const bias = model.bias.map((value, row) => value - dot(rowOf(rows, row), scaling.mean));
  return { weights, bias };
}

/** The inverse of {@link unscale}. */
export function rescale(model: LinearModel, scaling: Scaling): LinearModel {
  const rows = weightMatrix(model);
  const bias = model.bias.map((value, row) => value + dot(rowOf(rows, row), scaling.mean));
  return { weights: model.weights.map((value) => value / scaling.factor), bias };
}

function columnMeans(features: Features): Float64Array {
  const mean = new Float64Array(features.cols);
  if (isCsr(features)) {
    features.values.forEach((value, entry) => {
      const column = features.columns[entry]!;
      mean[column] = mean[column]! + value;
    });
  } else {
    for (let row = 0; row < features.rows; row++) addScaled(mean, 1, rowOf(features, row));
  }
  return mean.map((sum) => sum / features.rows);
}

function meanSquaredNorm(features: Features): number {
  const values = isCsr(features) ? features.values : features.data;
  return dot(values, values) / features.rows;
}
