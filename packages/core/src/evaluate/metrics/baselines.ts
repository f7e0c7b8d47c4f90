import { type Matrix64, zeros64 } from "../../math/matrix.js";

/**
 * What a classifier predicts that never looks at its input: for every row, the share of each class
 * among the rows that were learned from. Its most probable class is the majority class.
 *
 * @param trainTargets class of each row that was learned from, from 0.
 * @param classes number of classes.
 * @param rows number of rows to predict.
 * @returns natural logarithms, `-Infinity` for a class that was not seen.
 */
export function majorityLogProbabilities(
  trainTargets: Int32Array,
  classes: number,
  rows: number,
): Matrix64 {
  const counts = new Float64Array(classes);
  for (const target of trainTargets) counts[target]!++;
  const logShares = counts.map((count) => Math.log(count / trainTargets.length));
  const result = zeros64(rows, classes);
  for (let row = 0; row < rows; row++) result.data.set(logShares, row * classes);
  return result;
}
