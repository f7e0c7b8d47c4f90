import type { Evaluation } from "./evaluation.js";
import { searchStep } from "./line-search.js";
import { addScaled, dot, scale } from "./vector.js";

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
const history = 10;

/**
 * Minimises a smooth function with L-BFGS (Nocedal and Wright, Numerical Optimization, 2nd edition,
 * algorithms 7.4 and 7.5) and a strong-Wolfe line search.
 *
 * A generator, so that the caller decides how the objective is computed, and several minimisations
 * can share one batched computation: each `next()` hands out a point to evaluate. The arrays of a
 * point are reused; all memory is taken before the first iteration.
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
  const memory = new InverseHessian(start.length, preconditioner);
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
    direction.set(current.gradient);
    memory.apply(direction);
    scale(direction, -1);
    const slope = dot(current.gradient, direction);
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

/** The limited-memory approximation of the inverse Hessian, kept as the last few steps. */
class InverseHessian {
  readonly #steps: Float64Array[];
  readonly #changes: Float64Array[];
  readonly #curvatures: Float64Array = new Float64Array(history);
  readonly #coefficients: Float64Array = new Float64Array(history);
  readonly #diagonal: Float64Array | undefined;
  #stored = 0;
  #next = 0;

  constructor(size: number, diagonal: Float64Array | undefined) {
    this.#diagonal = diagonal;
    this.#steps = Array.from({ length: history }, () => new Float64Array(size));
    this.#changes = Array.from({ length: history }, () => new Float64Array(size));
  }

  get isEmpty(): boolean {
    return this.#stored === 0;
  }

  /** Records the step between two points, unless the curvature along it is not positive. */
  remember(from: Evaluation, to: Evaluation): void {
    let curvature = 0;
    let changeSquared = 0;
    for (let i = 0; i < from.x.length; i++) {
      const change = to.gradient[i]! - from.gradient[i]!;
      curvature += (to.x[i]! - from.x[i]!) * change;
      changeSquared += change * change;
    }
    if (!(curvature > Number.EPSILON * changeSquared)) return;
    const step = this.#steps[this.#next]!;
    const change = this.#changes[this.#next]!;
    for (let i = 0; i < step.length; i++) {
      step[i] = to.x[i]! - from.x[i]!;
      change[i] = to.gradient[i]! - from.gradient[i]!;
    }
    this.#curvatures[this.#next] = curvature;
    this.#next = (this.#next + 1) % history;
    this.#stored = Math.min(history, this.#stored + 1);
  }

  /** `vector ← H · vector`, by the two-loop recursion. */
  apply(vector: Float64Array): void {
    for (let age = 1; age <= this.#stored; age++) {
      const slot = this.#slot(age);
      const coefficient = dot(this.#steps[slot]!, vector) / this.#curvatures[slot]!;
      this.#coefficients[slot] = coefficient;
      addScaled(vector, -coefficient, this.#changes[slot]!);
    }
    this.#applyDiagonal(vector);
    for (let age = this.#stored; age >= 1; age--) {
      const slot = this.#slot(age);
      const correction = dot(this.#changes[slot]!, vector) / this.#curvatures[slot]!;
      addScaled(vector, this.#coefficients[slot]! - correction, this.#steps[slot]!);
    }
  }

  /** The diagonal, brought to the scale of the curvature along the newest step. */
  #applyDiagonal(vector: Float64Array): void {
    const diagonal = this.#diagonal;
    if (diagonal !== undefined) multiplyInto(vector, diagonal);
    if (this.isEmpty) return;
    const newest = this.#slot(1);
    const change = this.#changes[newest]!;
    const squared =
      diagonal === undefined ? dot(change, change) : weightedSquares(diagonal, change);
    scale(vector, this.#curvatures[newest]! / squared);
  }

  #slot(age: number): number {
    return (this.#next - age + history) % history;
  }
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
