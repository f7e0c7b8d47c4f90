import {
  inPrecisionOf,
  type LinearAlgebra,
  type Matrix,
  type Matrix64,
  rowOf,
  toDouble,
  transposed,
} from "../../math/matrix.js";
import { type Csr, isCsr, multiplySparseTransposed } from "../../math/sparse.js";
import { addScaled } from "../../math/vector.js";

/** The features of a probe: one row for each example. */
export type Features = Matrix | Csr;

/** A linear classifier: the logits of an example `x` are `weights · x + bias`. */
export interface LinearModel {
  /** Classes x features, by rows. */
  readonly weights: Float64Array;
  /** One for each class. */
  readonly bias: Float64Array;
}

/** The weights of a classifier as a matrix of classes x features. */
export function weightMatrix({ weights, bias }: LinearModel): Matrix64 {
  return { rows: bias.length, cols: weights.length / bias.length, data: weights };
}

/** Logits of every row, in double precision: rows x classes. */
export async function linearLogits(
  model: LinearModel,
  features: Features,
  algebra: LinearAlgebra,
): Promise<Matrix64> {
  const weights = weightMatrix(model);
  const logits = isCsr(features)
    ? transposed(multiplySparseTransposed(weights, features))
    : toDouble(await algebra.multiply(features, inPrecisionOf(features, weights), { b: true }));
  for (let row = 0; row < logits.rows; row++) addScaled(rowOf(logits, row), 1, model.bias);
  return logits;
}

/** Element-wise mean of several classifiers. */
export function meanModel(models: readonly LinearModel[]): LinearModel {
  const mean: LinearModel = {
    weights: new Float64Array(models[0]!.weights.length),
    bias: new Float64Array(models[0]!.bias.length),
  };
  for (const model of models) {
    addScaled(mean.weights, 1 / models.length, model.weights);
    addScaled(mean.bias, 1 / models.length, model.bias);
  }
  return mean;
}
