import type { Matrix64 } from "../../math/matrix.js";
import { expand } from "./pool.js";

export interface FactorOptions {
  /** The factor to which the penalty draws. */
  readonly centre: number;
  /** Strength of the penalty `strength · ln(factor / centre)²`. */
  readonly strength: number;
  /** Smallest and largest factor; both positive. */
  readonly lower: number;
  readonly upper: number;
}

/** Steps of a logarithm below this change nothing that matters. */
const stepTolerance = 1e-12;
const maxIterations = 100;

/**
 * The factor of some scores, which is an inverse temperature: minimises
 *
 * `Σᵢ -log softmax(factor · scoresᵢ)[targetᵢ] + strength · ln(factor / centre)²`
 *
 * between two bounds, with the labels smoothed (`labelSmoothing`). Newton's method on the logarithm
 * of the factor, kept inside an interval that each slope halves or better.
 *
 * @param scores - Rows x classes.
 */
export function fitFactor(
  scores: Matrix64,
  targets: Int32Array,
  { centre, strength, lower, upper }: FactorOptions,
): number {
  let [low, high] = [Math.log(lower), Math.log(upper)];
  let at = Math.min(high, Math.max(low, Math.log(centre)));
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const factor = Math.exp(at);
    const { gradient, hessian } = expand([scores], targets, Float64Array.of(factor), {
      lambda: 0,
      start: [0],
    });
    const lossSlope = factor * gradient[0]!;
    const slope = lossSlope + 2 * strength * (at - Math.log(centre));
    const curvature = lossSlope + factor ** 2 * hessian.data[0]! + 2 * strength;
    if (slope > 0) high = at;
    else low = at;
    const newton = at - slope / curvature;
    const next = curvature > 0 && newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - at) < stepTolerance) break;
    at = next;
  }
  return Math.exp(at);
}
