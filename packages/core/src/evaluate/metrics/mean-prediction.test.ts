import { expect, it } from "vitest";
import { meanPrediction } from "./mean-prediction.js";

const part = (rows: number[], ...probabilities: number[]) => ({
  rows: Int32Array.from(rows),
  logProbabilities: {
    rows: rows.length,
    cols: probabilities.length / rows.length,
    data: Float64Array.from(probabilities, Math.log),
  },
});

it("several predictions of a row become their mean, and rows ascend", () => {
  const { rows, logProbabilities } = meanPrediction([
    part([10, 2], 0.5, 0.5, 0.9, 0.1),
    part([9], 1, 0),
    part([2], 0.5, 0.5),
  ]);
  expect([...rows]).toEqual([2, 9, 10]);
  expect([logProbabilities.rows, logProbabilities.cols]).toEqual([3, 2]);
  const means = Array.from(logProbabilities.data, Math.exp);
  for (const [at, mean] of [0.7, 0.3, 1, 0, 0.5, 0.5].entries()) {
    expect(means[at]).toBeCloseTo(mean, 12);
  }
});
