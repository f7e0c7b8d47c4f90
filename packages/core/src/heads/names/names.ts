import type { LabelNames } from "../../features/labelled-features.js";
import {
  type LinearAlgebra,
  type Matrix,
  type Matrix64,
  rowOf,
  toDouble,
} from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { addScaled, indexOfLargest, scale, toUnitLength } from "../../math/vector.js";
import { type NearestMeanModel, nearestMeanCosines } from "../distance/nearest-mean.js";
import { fitFactor } from "../pool/factor.js";

/**
 * Classification by the names of the labels: the class whose name, as the base reads it, is nearest to
 * the example, once what all names and all examples have in common is taken away.
 */

export interface NamesOptions {
  readonly names: LabelNames;
  /** The last layer of each row at unit length. */
  readonly features: Matrix;
  /** Class of each row. */
  readonly targets: Int32Array;
  readonly linearAlgebra: LinearAlgebra;
}

/** `1 / temperature` before any label is seen, and how strongly a few labels are drawn to it. */
const USUAL_FACTOR = 10;
const PULL = 2;
const [LEAST_FACTOR, LARGEST_FACTOR] = [0.1, 1000];

/**
 * A nearest-mean classifier whose means are the names; labels choose the temperature alone, so that
 * what it says about a row hardly depends on the label of that row.
 */
export async function fitNames({ names, features, targets, linearAlgebra }: NamesOptions): Promise<{
  readonly model: NearestMeanModel;
  readonly logProbabilities: Matrix64;
}> {
  const model = namesModel(names, names.centre ?? meanRow(features));
  const cosines = await nearestMeanCosines(model, features, linearAlgebra);
  const factor = fitFactor(cosines, targets, {
    centre: USUAL_FACTOR,
    strength: PULL,
    lower: LEAST_FACTOR,
    upper: LARGEST_FACTOR,
  });
  scale(cosines.data, factor);
  return {
    model: { ...model, temperature: 1 / factor },
    logProbabilities: logSoftmaxRows(cosines),
  };
}

/**
 * The classifier that knows the names alone.
 *
 * @param mean - Of the rows that are classified.
 */
export function namesModel({ vectors }: LabelNames, mean: Float64Array): NearestMeanModel {
  const classMeans = toDouble(vectors);
  const common = meanRow(vectors);
  for (let k = 0; k < classMeans.rows; k++) {
    addScaled(rowOf(classMeans, k), -1, common);
    toUnitLength(rowOf(classMeans, k));
  }
  return { mean, classMeans, temperature: 1 / USUAL_FACTOR };
}

/** The mean of all rows. */
export function meanRow(matrix: Matrix): Float64Array {
  const mean = new Float64Array(matrix.cols);
  for (let row = 0; row < matrix.rows; row++) addScaled(mean, 1 / matrix.rows, rowOf(matrix, row));
  return mean;
}

/** Names that hit so often by chance in fewer than 1 of 20 cases say something. */
const SIGNIFICANCE = 0.05;

/**
 * Whether names find the labels better than chance: by a one-sided binomial test against always
 * answering the most frequent class.
 */
export function areBetterThanChance(
  logProbabilities: Matrix64,
  targets: Int32Array,
  classes: number,
): boolean {
  const counts = new Float64Array(classes);
  let hits = 0;
  targets.forEach((target, row) => {
    counts[target]!++;
    if (indexOfLargest(rowOf(logProbabilities, row)) === target) hits++;
  });
  const chance = Math.max(1 / classes, Math.max(...counts) / targets.length);
  return binomialTail(hits, targets.length, chance) < SIGNIFICANCE;
}

/** The probability of `hits` or more of `count`, where each is one with probability `chance`. */
export function binomialTail(hits: number, count: number, chance: number): number {
  if (hits <= 0 || chance >= 1) return 1;
  let [tail, logCombinations] = [0, 0];
  for (let k = 0; k <= count; k++) {
    if (k > 0) logCombinations += Math.log((count - k + 1) / k);
    if (k < hits) continue;
    tail += Math.exp(logCombinations + k * Math.log(chance) + (count - k) * Math.log1p(-chance));
  }
  return Math.min(1, tail);
}
