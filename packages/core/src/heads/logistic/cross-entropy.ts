import { expNonPositive } from "../../math/exponential.js";
import type { Vector } from "../../math/vector.js";

/** Rows that are worked on at a time: their scores for every class stay in cache. */
const blockRows = 64;

/** What the loss is taken of. */
export interface WeightedTargets {
  /** Class of each row. Undefined: 0 takes the place of a row's score for its class. */
  readonly targets: Int32Array | undefined;
  readonly rowWeights: Float64Array;
}

/**
 * Replaces scores by the derivative of the loss by them, and adds the loss up over the rows:
 * `Σᵢ rowWeightᵢ · (-log softmax(scores + bias)[targetᵢ])`. Without targets it is
 * `Σᵢ rowWeightᵢ · logsumexp(scores + bias)`: what the targets take from it is linear in the scores.
 *
 * @param scores - Class by class: classes x rows.
 * @param bias - One for each class, `-Infinity` for a class that is left out.
 * @param biasGradient - Is set to the derivative of the loss by the bias.
 * @returns the loss.
 */
export function crossEntropy(
  scores: Vector,
  bias: Float64Array,
  { targets, rowWeights }: WeightedTargets,
  biasGradient: Float64Array,
): number {
  const rows = rowWeights.length;
  const block = new Float64Array(bias.length * blockRows);
  const largest = new Float64Array(blockRows);
  const sums = new Float64Array(blockRows);
  biasGradient.fill(0);
  let loss = 0;
  for (let start = 0; start < rows; start += blockRows) {
    const count = Math.min(blockRows, rows - start);
    readScores(scores, bias, rows, start, count, block, largest);
    loss = lessScoresOfTargets(loss, block, largest, { targets, rowWeights }, start, count);
    exponentiate(block, count, largest, sums);
    for (let i = 0; i < count; i++) {
      const weight = rowWeights[start + i]!;
      loss += weight * Math.log(sums[i]!);
      sums[i] = weight / sums[i]!;
    }
    writeScaled(block, count, sums, scores, rows, start, biasGradient);
  }
  subtractTargets(scores, { targets, rowWeights }, biasGradient);
  return loss;
}

/** The loss, less `Σᵢ rowWeightᵢ · (score of the target - largest score)` of some rows. */
function lessScoresOfTargets(
  loss: number,
  block: Float64Array,
  largest: Float64Array,
  { targets, rowWeights }: WeightedTargets,
  start: number,
  count: number,
): number {
  let rest = loss;
  for (let i = 0; i < count; i++) {
    const weight = rowWeights[start + i]!;
    // Its class may be left out: 0 · -∞ would be no number.
    if (weight === 0) continue;
    const target = targets?.[start + i];
    const score = target === undefined ? 0 : block[target * blockRows + i]!;
    rest -= weight * (score - largest[i]!);
  }
  return rest;
}

/** Takes the expected classes from the scores, which are weighted probabilities by now. */
function subtractTargets(
  scores: Vector,
  { targets, rowWeights }: WeightedTargets,
  biasGradient: Float64Array,
): void {
  const rows = rowWeights.length;
  targets?.forEach((target, row) => {
    scores[target * rows + row]! -= rowWeights[row]!;
    biasGradient[target]! -= rowWeights[row]!;
  });
}

/** `block ← scores + bias` for some rows, and the largest of each row. */
function readScores(
  scores: Vector,
  bias: Float64Array,
  rows: number,
  start: number,
  count: number,
  block: Float64Array,
  largest: Float64Array,
): void {
  largest.fill(Number.NEGATIVE_INFINITY);
  for (let k = 0; k < bias.length; k++) {
    const from = k * rows + start;
    const to = k * blockRows;
    const shift = bias[k]!;
    for (let i = 0; i < count; i++) {
      const score = scores[from + i]! + shift;
      block[to + i] = score;
      if (score > largest[i]!) largest[i] = score;
    }
  }
}

/** `block ← exp(block - largest)`, and the sum of each row. */
function exponentiate(
  block: Float64Array,
  count: number,
  largest: Float64Array,
  sums: Float64Array,
): void {
  sums.fill(0);
  for (let start = 0; start < block.length; start += blockRows) {
    for (let i = 0; i < count; i++) {
      const exponential = expNonPositive(block[start + i]! - largest[i]!);
      block[start + i] = exponential;
      sums[i] = sums[i]! + exponential;
    }
  }
}

/** `scores ← factors · block` for some rows, and adds up what is then in each class. */
function writeScaled(
  block: Float64Array,
  count: number,
  factors: Float64Array,
  scores: Vector,
  rows: number,
  start: number,
  classSums: Float64Array,
): void {
  for (let k = 0; k < classSums.length; k++) {
    const from = k * blockRows;
    const to = k * rows + start;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const scaled = block[from + i]! * factors[i]!;
      scores[to + i] = scaled;
      sum += scaled;
    }
    classSums[k] = classSums[k]! + sum;
  }
}
