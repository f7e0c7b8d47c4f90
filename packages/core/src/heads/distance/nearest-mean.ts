import {
  type LinearAlgebra,
  type Matrix,
  type Matrix64,
  rowOf,
  selectRows,
  zeros64,
} from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { addScaled, scale, toUnitLength } from "../../math/vector.js";
import { fitPool } from "../pool/pool.js";

export interface NearestMeanOptions {
  /** One row for each example. Left as they are. */
  readonly features: Matrix;
  /** Class of each row, from 0. */
  readonly targets: Int32Array;
  readonly classes: number;
  /** The fold that each row is held out in. */
  readonly folds: Int32Array;
  readonly linearAlgebra: LinearAlgebra;
}

/**
 * A nearest-class-mean classifier: the logit of a class is
 * `cos(x - mean, classMean) / temperature`, with both sides at unit length.
 */
export interface NearestMeanModel {
  /** Mean of the training examples, which is subtracted first. */
  readonly mean: Float64Array;
  /** Classes x features, rows of unit length; zero for a class without examples. */
  readonly classMeans: Matrix64;
  readonly temperature: number;
}

export interface NearestMean {
  readonly model: NearestMeanModel;
  /** Rows x classes. Each row is predicted by means that were taken without its fold. */
  readonly outOfFoldLogProbabilities: Matrix64;
}

/** Cosines are at most 1: this lets neighbouring ones differ by e in a hundredth. */
const maxInverseTemperature = 100;

/**
 * Fits nearest class means on centred, length-normalised features (CL2N: Wang et al. 2019,
 * SimpleShot), the temperature chosen by out-of-fold log-loss.
 */
export async function fitNearestMean(options: NearestMeanOptions): Promise<NearestMean> {
  const { features, targets, classes, folds, linearAlgebra } = options;
  const outOfFold = zeros64(features.rows, classes);
  for (const fold of new Set(folds)) {
    const means = takeMeans(options, (row) => folds[row] !== fold);
    const heldOut = Int32Array.from(targets.keys()).filter((row) => folds[row] === fold);
    const cosines = await nearestMeanCosines(means, selectRows(features, heldOut), linearAlgebra);
    heldOut.forEach((row, index) => {
      rowOf(outOfFold, row).set(rowOf(cosines, index));
    });
  }
  const [inverse] = fitPool([outOfFold], targets, {
    start: [1],
    upperBound: maxInverseTemperature,
    lambda: 0,
  });
  scale(outOfFold.data, inverse!);
  return {
    model: { ...takeMeans(options, () => true), temperature: 1 / inverse! },
    outOfFoldLogProbabilities: logSoftmaxRows(outOfFold),
  };
}

/** Logits of every row: rows x classes. */
export async function nearestMeanLogits(
  model: NearestMeanModel,
  features: Matrix,
  linearAlgebra: LinearAlgebra,
): Promise<Matrix64> {
  const logits = await nearestMeanCosines(model, features, linearAlgebra);
  scale(logits.data, 1 / model.temperature);
  return logits;
}

type Means = Omit<NearestMeanModel, "temperature">;

function takeMeans(
  { features, targets, classes }: NearestMeanOptions,
  isTraining: (row: number) => boolean,
): Means {
  const rows = [...targets.keys()].filter(isTraining);
  const mean = new Float64Array(features.cols);
  for (const row of rows) addScaled(mean, 1 / rows.length, rowOf(features, row));
  const classMeans = zeros64(classes, features.cols);
  for (const row of rows)
    addScaled(rowOf(classMeans, targets[row]!), 1, centred(features, row, mean));
  for (let k = 0; k < classes; k++) toUnitLength(rowOf(classMeans, k));
  return { mean, classMeans };
}

/** Cosines of every centred row with the mean of each class: rows x classes. */
export async function nearestMeanCosines(
  { mean, classMeans }: Means,
  features: Matrix,
  linearAlgebra: LinearAlgebra,
): Promise<Matrix64> {
  const directions = zeros64(features.rows, features.cols);
  for (let row = 0; row < features.rows; row++) {
    rowOf(directions, row).set(centred(features, row, mean));
  }
  return linearAlgebra.multiply(directions, classMeans, { b: true });
}

/** `x - mean` at unit length. */
function centred(features: Matrix, row: number, mean: Float64Array): Float64Array {
  const vector = Float64Array.from(rowOf(features, row));
  addScaled(vector, -1, mean);
  toUnitLength(vector);
  return vector;
}
