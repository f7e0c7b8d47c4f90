import { type Matrix64, zeros64 } from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { addScaled } from "../../math/vector.js";
import { fitPool } from "../pool/pool.js";

/** Weights of a log-linear pool of several views. */
export interface Stack {
  /** One for each view, not negative. A view of weight 0 need not be computed to predict. */
  readonly weights: Float64Array;
  /** The best weight that is the same for all views, to which the others are drawn. */
  readonly commonWeight: number;
}

export interface StackOptions {
  /** How strongly the weights are drawn to the common one. Default 5. */
  readonly lambda?: number;
}

/**
 * Largest common weight, for labels that the views predict without an error: their loss falls for
 * ever as the weight grows.
 */
const maxCommonWeight = 2;

/**
 * Weighs several views of the same examples. The pool's logits are `Σᵥ wᵥ · log pᵥ`. First the best
 * common weight `a` is found; then the weights minimise
 *
 * `Σᵢ -log softmax(Σᵥ wᵥ · log pᵥᵢ)[targetᵢ] + lambda · |w - a|²` over `w >= 0`,
 *
 * which is convex, stays near the plain average with few labels, and learns the weights as labels
 * grow.
 *
 * @param views - Out-of-fold log-probabilities of each view: rows x classes.
 */
export function fitStack(
  views: readonly Matrix64[],
  targets: Int32Array,
  { lambda = 5 }: StackOptions = {},
): Stack {
  const sum = weightedSum(views, new Float64Array(views.length).fill(1));
  const [commonWeight] = fitPool([sum], targets, {
    start: [Math.min(maxCommonWeight, 1 / views.length)],
    upperBound: maxCommonWeight,
    lambda: 0,
  });
  const weights = fitPool(views, targets, {
    start: views.map(() => commonWeight!),
    upperBound: Number.POSITIVE_INFINITY,
    lambda,
  });
  return { weights, commonWeight: commonWeight! };
}

/** The pool's log-probabilities: rows x classes, normalised. */
export function combineLogProbabilities(
  views: readonly Matrix64[],
  weights: ArrayLike<number>,
): Matrix64 {
  return logSoftmaxRows(weightedSum(views, weights));
}

function weightedSum(views: readonly Matrix64[], weights: ArrayLike<number>): Matrix64 {
  const sum = zeros64(views[0]!.rows, views[0]!.cols);
  views.forEach((view, index) => {
    // Not only faster: 0 · -∞ would be no number.
    if (weights[index] !== 0) addScaled(sum.data, weights[index]!, view.data);
  });
  return sum;
}
