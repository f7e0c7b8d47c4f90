import { cholesky, solve } from "../../math/cholesky.js";
import { type Matrix64, rowOf, zeros64 } from "../../math/matrix.js";
import { labelSmoothing, logSumExp, smoothedLoss } from "../../math/softmax.js";
import { addScaled, dot } from "../../math/vector.js";

export interface PoolOptions {
  /** Weights to start from, one for each member; with a penalty, they are also what it draws to. */
  readonly start: readonly number[];
  /** Largest weight. The smallest is 0. */
  readonly upperBound: number;
  /** Strength of the penalty `lambda · |w - start|²`. */
  readonly lambda: number;
}

/** The objective at one point, with both derivatives. */
export interface Quadratic {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly hessian: Matrix64;
}

/** Newton steps below this change nothing that matters. */
const stepTolerance = 1e-11;
/** Relative differences of the objective below this are rounding. */
const valueNoise = 1e-13;
const maxIterations = 100;

/**
 * The weights of a log-linear pool: minimises
 *
 * `Σᵢ -log softmax(Σᵥ wᵥ · scoresᵥᵢ)[targetᵢ] + lambda · |w - start|²` over `0 <= w <= upperBound`
 *
 * with the labels smoothed (`labelSmoothing`), so that members without an error do not make the pool
 * certain. A convex problem in a handful of variables, solved to rounding by projected Newton steps
 * (Bertsekas 1982): weights that press against a bound stay there, and the others take a Newton
 * step, shortened and projected until the objective falls.
 *
 * @param members - Scores of each member: rows x classes.
 */
export function fitPool(
  members: readonly Matrix64[],
  targets: Int32Array,
  options: PoolOptions,
): Float64Array {
  let weights: Float64Array = Float64Array.from(options.start);
  let here = expand(members, targets, weights, options);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const step = newtonStep(here, weights, options.upperBound);
    const next = searchAlong(step, weights, here.value, options.upperBound, (candidate) =>
      expand(members, targets, candidate, options),
    );
    if (next === undefined) break;
    [weights, here] = [next.weights, next.there];
  }
  return weights;
}

/** The Newton step of the weights that are free to move; 0 for those held by a bound. */
function newtonStep(
  { gradient, hessian }: Quadratic,
  weights: Float64Array,
  upperBound: number,
): Float64Array {
  const isHeld = (v: number): boolean =>
    gradient[v]! > 0 ? weights[v]! <= 0 : weights[v]! >= upperBound;
  const free = [...weights.keys()].filter((v) => !isHeld(v));
  const reduced = zeros64(free.length, free.length);
  const target = new Float64Array(free.length);
  free.forEach((u, row) => {
    target[row] = -gradient[u]!;
    free.forEach((v, col) => {
      reduced.data[row * free.length + col] = hessian.data[u * hessian.cols + v]!;
    });
  });
  const solution = solve(cholesky(reduced), target);
  const step = new Float64Array(weights.length);
  free.forEach((v, row) => {
    step[v] = solution[row]!;
  });
  return step;
}

/** The first of ever shorter projected steps that does not worsen; undefined where all are tiny. */
function searchAlong(
  step: Float64Array,
  weights: Float64Array,
  value: number,
  upperBound: number,
  evaluate: (weights: Float64Array) => Quadratic,
): { weights: Float64Array; there: Quadratic } | undefined {
  const longest = step.reduce((largest, change) => Math.max(largest, Math.abs(change)), 0);
  for (let share = 1; share * longest > stepTolerance; share /= 2) {
    const candidate = weights.map((weight, v) =>
      Math.min(upperBound, Math.max(0, weight + share * step[v]!)),
    );
    const there = evaluate(candidate);
    if (there.value <= value + valueNoise * Math.abs(value)) return { weights: candidate, there };
  }
  return undefined;
}

/** The objective of {@link fitPool} at some weights. */
export function expand(
  members: readonly Matrix64[],
  targets: Int32Array,
  weights: Float64Array,
  { lambda, start }: Pick<PoolOptions, "lambda" | "start">,
): Quadratic {
  const size = weights.length;
  const gradient = weights.map((weight, v) => 2 * lambda * (weight - start[v]!));
  const hessian = zeros64(size, size);
  let value = 0;
  weights.forEach((weight, v) => {
    value += lambda * (weight - start[v]!) ** 2;
    hessian.data[v * size + v] = 2 * lambda;
  });
  const smoothing = labelSmoothing(targets.length);
  const logits = new Float64Array(members[0]!.cols);
  const means = new Float64Array(size);
  targets.forEach((target, row) => {
    const scores = members.map((member) => rowOf(member, row));
    value += addRow(scores, target, smoothing, weights, logits, means, gradient, hessian.data);
  });
  return { value, gradient, hessian };
}

/**
 * Adds one example: its loss is returned; the gradient is the
 * difference of the mean scores under the pool's probabilities and under the label, the Hessian
 * the covariance of the members' scores, both under the pool's probabilities.
 */
function addRow(
  scores: readonly Float64Array[],
  target: number,
  smoothing: number,
  weights: Float64Array,
  probabilities: Float64Array,
  means: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
): number {
  const size = weights.length;
  probabilities.fill(0);
  for (let v = 0; v < size; v++) addScaled(probabilities, weights[v]!, scores[v]!);
  const total = logSumExp(probabilities);
  const loss = total + smoothedLoss(probabilities, target, smoothing);
  for (let k = 0; k < probabilities.length; k++) {
    probabilities[k] = Math.exp(probabilities[k]! - total);
  }
  for (let v = 0; v < size; v++) {
    means[v] = dot(probabilities, scores[v]!);
    gradient[v]! += means[v]! + smoothedLoss(scores[v]!, target, smoothing);
  }
  for (let u = 0; u < size; u++) {
    for (let v = 0; v <= u; v++) {
      const covariance = weightedDot(probabilities, scores[u]!, scores[v]!) - means[u]! * means[v]!;
      hessian[u * size + v]! += covariance;
      if (u !== v) hessian[v * size + u]! += covariance;
    }
  }
  return loss;
}

function weightedDot(weights: Float64Array, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * a[i]! * b[i]!;
  return sum;
}
