import { rowOf, zeros64 } from "../../math/matrix.js";
import type { RowPredictions } from "./metrics.js";

/**
 * One prediction for each row, where several held-out parts may have predicted it: the mean of its
 * probabilities. Rows ascend.
 */
export function meanPrediction(predictions: readonly RowPredictions[]): RowPredictions {
  const rows = Int32Array.from(new Set(predictions.flatMap((part) => [...part.rows]))).sort();
  const placeOf = new Map(Array.from(rows, (row, place) => [row, place]));
  const classes = predictions[0]!.logProbabilities.cols;
  const mean = zeros64(rows.length, classes);
  const counts = new Int32Array(rows.length);
  for (const { rows: predicted, logProbabilities } of predictions) {
    predicted.forEach((row, index) => {
      const place = placeOf.get(row)!;
      counts[place]! += 1;
      const sum = rowOf(mean, place);
      rowOf(logProbabilities, index).forEach((value, k) => {
        sum[k]! += Math.exp(value);
      });
    });
  }
  for (let place = 0; place < rows.length; place++) {
    const row = rowOf(mean, place);
    for (let k = 0; k < classes; k++) row[k] = Math.log(row[k]! / counts[place]!);
  }
  return { rows, logProbabilities: mean };
}
