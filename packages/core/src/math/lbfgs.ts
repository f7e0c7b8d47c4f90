import type { Evaluation } from "./evaluation.js";
import { searchStep } from "./line-search.js";
import {
  addScaledThenDot64,
  dot64,
  dotInOrder64,
  negate64,
  scale64,
  subtract64,
} from "./vector64.js";

/** When a minimisation ends. */
export interface LbfgsOptions {
  /**
   * Ends when the decrease that the next step promises, half of `gradientᵀ H gradient` with `H` the
   * approximate inverse Hessian, is at most this share of the value. It estimates how far the value
   * is above its minimum, and does not depend on how the variables are scaled. Default 1e-10.
   */
  readonly tolerance?: number;
  /** Default 1000. */
  readonly maxIterations?: number;
  /**
   * A guess of the inverse Hessian's diagonal, positive; the search learns its scale and the rest.
   * Default: all the same.
   */
  readonly preconditioner?: Float64Array | undefined;
}

/** The end of a minimisation. */
export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  /** False when the iterations ran out. */
  readonly converged: boolean;
  readonly iterations: number;
}

/** Pairs of steps and gradient changes that are remembered. */
const history = 5;

/**
 * Minimises a smooth function with L-BFGS (Nocedal and Wright, Numerical Optimization, 2nd edition,
 * algorithms 7.4 and 7.5) and a strong-Wolfe line search.
 *
 * A generator, so that the caller decides how the objective is computed, and several minimisations
 * can share one batched computation: each `next()` hands out a point to evaluate. The arrays of a
 * point are reused.
 *
 * ```ts
 * for (const point of lbfgs(start)) point.value = objective(point.x, point.gradient);
 * ```
 */
export function* lbfgs(
  start: Float64Array,
  options: LbfgsOptions = {},
): Generator<Evaluation, Minimum, void> {
  const { tolerance = 1e-10, maxIterations = 1000, preconditioner } = options;
  const memory = new InverseHessian(preconditioner);
  const direction = new Float64Array(start.length);
  let current = newEvaluation(start);
  let trial = newEvaluation(start);
  yield current;

  const end = (converged: boolean, iterations: number): Minimum => ({
    x: current.x,
    value: current.value,
    converged,
    iterations,
  });
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    negate64(direction, current.gradient);
    memory.apply(direction);
    const slope = dot64(current.gradient, direction);
    if (-0.5 * slope <= tolerance * Math.abs(current.value)) return end(true, iteration);
    const isScaled = preconditioner !== undefined || !memory.isEmpty;
    const firstStep = isScaled ? 1 : 1 / Math.sqrt(-slope);
    // No better point along a descent direction: the precision of the objective is exhausted.
    if (!(yield* searchStep(current, trial, direction, slope, firstStep))) {
      return end(true, iteration);
    }
    memory.remember(current, trial);
    [current, trial] = [trial, current];
  }
  return end(false, maxIterations);
}

/** Minimises an objective that is computed at once: it returns the value and fills `gradient`. */
export function minimize(
  objective: (x: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  options?: LbfgsOptions,
): Minimum {
  const search = lbfgs(start, options);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
    step.value.value = objective(step.value.x, step.value.gradient);
  }
}

function newEvaluation(start: Float64Array): Evaluation {
  return { x: start.slice(), gradient: new Float64Array(start.length), value: Number.NaN };
}

/** A step and the change of the gradient along it. */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  curvature: number;
}

/** The limited-memory approximation of the inverse Hessian, kept as the last few steps. */
class InverseHessian {
  /** The newest first. */
  readonly #pairs: Pair[] = [];
  readonly #coefficients: Float64Array = new Float64Array(history);
  readonly #diagonal: Float64Array | undefined;
  /** Memory of a pair that was dropped. */
  #spare: Pair | undefined;

  constructor(diagonal: Float64Array | undefined) {
    this.#diagonal = diagonal;
  }

  get isEmpty(): boolean {
    return this.#pairs.length === 0;
  }

  /** Records the step between two points, unless the curvature along it is not positive. */
  remember(from: Evaluation, to: Evaluation): void {
    const pair = this.#spare ?? newPair(from.x.length);
    const { step, change } = pair;
    subtract64(step, to.x, from.x);
    subtract64(change, to.gradient, from.gradient);
    const curvature = dotInOrder64(step, change);
    const changeSquared = dotInOrder64(change, change);
    this.#spare = pair;
    if (!(curvature > Number.EPSILON * changeSquared)) return;
    pair.curvature = curvature;
    this.#pairs.unshift(pair);
    this.#spare = this.#pairs.length > history ? this.#pairs.pop() : undefined;
  }

  /** `vector ← H · vector`, by the two-loop recursion. */
  apply(vector: Float64Array): void {
    const pairs = this.#pairs;
    const [newest] = pairs;
    if (newest === undefined) {
      if (this.#diagonal !== undefined) multiplyInto(vector, this.#diagonal);
      return;
    }
    // Each pass over the vector adds what the pair before says, and multiplies by the next pair's.
    let product = dot64(newest.step, vector);
    for (const [age, { change, curvature }] of pairs.entries()) {
      const coefficient = product / curvature;
      this.#coefficients[age] = coefficient;
      product = addScaledThenDot64(vector, -coefficient, change, (pairs[age + 1] ?? newest).step);
    }
    this.#applyDiagonal(vector, newest);
    const oldest = pairs.at(-1)!;
    product = dot64(oldest.change, vector);
    for (let age = pairs.length - 1; age >= 0; age--) {
      const { step, curvature } = pairs[age]!;
      const factor = this.#coefficients[age]! - product / curvature;
      product = addScaledThenDot64(vector, factor, step, (pairs[age - 1] ?? oldest).change);
    }
  }

  /** The diagonal, brought to the scale of the curvature along the newest step. */
  #applyDiagonal(vector: Float64Array, { change, curvature }: Pair): void {
    const diagonal = this.#diagonal;
    if (diagonal !== undefined) multiplyInto(vector, diagonal);
    const squared =
      diagonal === undefined ? dot64(change, change) : weightedSquares(diagonal, change);
    scale64(vector, curvature / squared);
  }
}

function newPair(size: number): Pair {
  return { step: new Float64Array(size), change: new Float64Array(size), curvature: 0 };
}

/** `y ← x · y`, element by element. */
function multiplyInto(y: Float64Array, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] = y[i]! * x[i]!;
}

/** `Σ weightᵢ xᵢ²` */
function weightedSquares(weights: Float64Array, x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += weights[i]! * x[i]! * x[i]!;
  return sum;
}
