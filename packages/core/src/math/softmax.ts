import { type Matrix, type Matrix64, rowOf, zeros64 } from "./matrix.js";

/** `log Σ exp(values[i])` for `start <= i < end`, without overflow. */
export function logSumExp(
  values: Float32Array | Float64Array,
  start = 0,
  end: number = values.length,
): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) if (values[i]! > largest) largest = values[i]!;
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp(values[i]! - largest);
  return largest + Math.log(sum);
}

/** The logarithm of the softmax of every row, as a new matrix. */
export function logSoftmaxRows(logits: Matrix): Matrix64 {
  const result = zeros64(logits.rows, logits.cols);
  for (let row = 0; row < logits.rows; row++) {
    const start = row * logits.cols;
    const end = start + logits.cols;
    const total = logSumExp(logits.data, start, end);
    for (let i = start; i < end; i++) result.data[i] = logits.data[i]! - total;
  }
  return result;
}

/**
 * The smoothing of labels that suits predictions judged on `rows` examples: by the rule of
 * succession, rows predicted without an error still leave a chance of `1 / (rows + 2)` for the next.
 * Without it, choices made on few rows fall for ever more confident predictions (Platt 1999 smooths
 * the targets of his calibration for the same reason).
 */
export function labelSmoothing(rows: number): number {
  return 1 / (rows + 2);
}

/**
 * Log-loss of one row of scores for a label that is right with probability `1 - smoothing`, the rest
 * spread evenly over the other classes: the expectation of `-scores`.
 */
export function smoothedLoss(
  scores: Float64Array | Float32Array,
  target: number,
  smoothing: number,
): number {
  const share = scores.length > 1 ? smoothing / (scores.length - 1) : 0;
  let sum = 0;
  for (const score of scores) sum += score;
  return -(1 - smoothing - share) * scores[target]! - share * sum;
}

/**
 * Mean negative log-probability of the targets, each row counted with its weight (default 1). Rows
 * of weight 0 are not looked at.
 */
export function meanLogLoss(
  logProbabilities: Matrix,
  targets: Int32Array,
  rowWeights?: Float64Array,
  smoothing = 0,
): number {
  let loss = 0;
  let total = 0;
  for (let row = 0; row < targets.length; row++) {
    const weight = rowWeights?.[row] ?? 1;
    if (weight === 0) continue;
    loss += weight * smoothedLoss(rowOf(logProbabilities, row), targets[row]!, smoothing);
    total += weight;
  }
  return loss / total;
}
