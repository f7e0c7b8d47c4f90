import { type Matrix64, zeros64 } from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { addScaled } from "../../math/vector.js";
import { fitFactor } from "../pool/factor.js";
import { fitPool } from "../pool/pool.js";

/** Weights of a log-linear pool of several views. */
export interface Stack {
  /** One for each view, not negative. A view of weight 0 need not be computed to predict. */
  readonly weights: Float64Array;
  /** The best sum of weights that keep to the prior shares; `total · share` is what each is drawn to. */
  readonly total: number;
}

export interface StackOptions {
  /**
   * What each view counts before any label is seen, in any unit; positive, one for each view. Default:
   * all the same.
   */
  readonly shares?: readonly number[] | undefined;
  /** How strongly the weights are drawn to their shares of the total. Default 5. */
  readonly lambda?: number;
}

/** How strongly the total is drawn to 1: the penalty is `TOTAL_PULL · ln(total)²`. */
const TOTAL_PULL = 2;
const LEAST_TOTAL = 0.05;
/**
 * For labels that the views predict without an error: their loss falls for ever as the total grows.
 */
const LARGEST_TOTAL_PER_VIEW = 2;

/**
 * Weighs several views of the same examples. The pool's logits are `Σᵥ wᵥ · log pᵥ`. With the prior
 * shares `πᵥ`, which sum to 1, first the best total is found,
 *
 * `argmin Σᵢ -log softmax(total · Σᵥ πᵥ · log pᵥᵢ)[targetᵢ] + 2 · ln(total)²`;
 *
 * then the weights minimise
 *
 * `Σᵢ -log softmax(Σᵥ wᵥ · log pᵥᵢ)[targetᵢ] + lambda · |w - total · π|²` over `w >= 0`,
 *
 * which is convex, stays near the prior's average with few labels, and learns the weights as labels
 * grow. The penalty on the total matters with a handful of rows: out of fold their predictions can be
 * worse than chance, and the best total without it would be 0, which predicts one label always. Where
 * every weight comes out 0 all the same, the weights of the prior stand.
 *
 * @param views - Out-of-fold log-probabilities of each view: rows x classes.
 */
export function fitStack(
  views: readonly Matrix64[],
  targets: Int32Array,
  { shares = views.map(() => 1), lambda = 5 }: StackOptions = {},
): Stack {
  const sum = shares.reduce((all, share) => all + share, 0);
  const prior = shares.map((share) => share / sum);
  const total = fitFactor(weightedSum(views, prior), targets, {
    centre: 1,
    strength: TOTAL_PULL,
    lower: LEAST_TOTAL,
    upper: LARGEST_TOTAL_PER_VIEW * views.length,
  });
  const start = prior.map((share) => total * share);
  const weights = fitPool(views, targets, { start, upperBound: Number.POSITIVE_INFINITY, lambda });
  const isEmpty = weights.every((weight) => weight === 0);
  return { weights: isEmpty ? Float64Array.from(start) : weights, total };
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
