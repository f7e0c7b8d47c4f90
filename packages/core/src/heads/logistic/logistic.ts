import type { Evaluation } from "../../math/evaluation.js";
import { lbfgs, type Minimum } from "../../math/lbfgs.js";
import { type Matrix, rowOf } from "../../math/matrix.js";
import { logSumExp } from "../../math/softmax.js";
import { addScaled, dot, type Vector } from "../../math/vector.js";
import { crossEntropy, type WeightedTargets } from "./cross-entropy.js";
import type { Design } from "./design.js";
import { type LinearModel, weightMatrix } from "./linear-model.js";
import { type LinearPart, linearPartOf } from "./soft-targets.js";

/** Examples to learn from. */
export interface Labels {
  /** Class of each row, from 0. */
  readonly targets: Int32Array;
  readonly classes: number;
}

/** One fit of multinomial logistic regression. Fits that share features are solved together. */
export interface LogisticProblem {
  /** What each row counts in the loss; 0 leaves it out. */
  readonly rowWeights: Float64Array;
  /**
   * The probability of each class for each row, classes x rows, where it is not all on the class of the
   * labels. A row's probabilities sum to 1.
   */
  readonly softTargets?: Matrix | undefined;
  /** Inverse strength of the regularisation. */
  readonly c: number;
  /** Where to start. Default: all zero. */
  readonly start?: LinearModel | undefined;
}

export interface LogisticOptions {
  /** See `LbfgsOptions.tolerance`. */
  readonly tolerance: number;
  readonly signal?: AbortSignal | undefined;
}

/** Typical mean of `classes · p (1 - p)` once the examples are fitted; at first it is near 1. */
const fittedVariance = 1 / 64;

/**
 * Multinomial logistic regression with L2: minimises
 *
 * `c · Σᵢ rowWeightᵢ · (-log softmax(W xᵢ + b)[targetᵢ]) + ½ |W|²`
 *
 * with the intercept unpenalised, which is scikit-learn's `LogisticRegression(C=c)` for three
 * classes and more. (For two classes scikit-learn penalises the difference of the two rows of `W`
 * instead; its `C=2c` is the same model.)
 *
 * All problems advance together, so that one evaluation of all objectives is two large products.
 * Each has its own L-BFGS and leaves the batch when it has converged.
 *
 * A class without rows cannot be learned: it gets weights 0 and the bias that gives it probability
 * 1 / (n + 2) at the centre of the features, for n the weight of all rows.
 */
export async function fitLogistic(
  design: Design,
  labels: Labels,
  problems: readonly LogisticProblem[],
  options: LogisticOptions,
): Promise<LinearModel[]> {
  const fits: Fit[] = [];
  for (const problem of problems) {
    const soft = problem.softTargets && (await linearPartOf(design, problem.softTargets, problem));
    fits.push(new Fit(design, labels, problem, soft, options.tolerance));
  }
  const size = fits.length * labels.classes * design.cols;
  // In the precision that the products take, which spares them a copy.
  const packed = design.isSingle ? new Float32Array(size) : new Float64Array(size);
  for (let active = fits; active.length > 0; active = active.filter((fit) => fit.advance())) {
    options.signal?.throwIfAborted();
    await evaluate(design, labels, active, packed);
  }
  return fits.map((fit) => fit.model());
}

/** The loss and its gradient, of every fit at the point that it asks for. */
async function evaluate(
  design: Design,
  labels: Labels,
  fits: readonly Fit[],
  packed: Vector,
): Promise<void> {
  const size = labels.classes * design.cols;
  fits.forEach((fit, index) => {
    packed.set(fit.weights, index * size);
  });
  const scores = await design.scores({
    rows: fits.length * labels.classes,
    cols: design.cols,
    data: packed.subarray(0, fits.length * size),
  });
  const count = labels.classes * design.rows;
  fits.forEach((fit, index) => {
    fit.scoresToResiduals(scores.data.subarray(index * count, (index + 1) * count));
  });
  const gradient = await design.gradient(scores);
  fits.forEach((fit, index) => {
    fit.setWeightGradient(gradient.data.subarray(index * size, (index + 1) * size));
  });
}

/** One problem and the state of its minimisation. The variables are `[W by rows, b]`. */
class Fit {
  readonly #labels: Labels;
  readonly #weighted: WeightedTargets;
  readonly #soft: LinearPart | undefined;
  readonly #cols: number;
  readonly #search: Generator<Evaluation, Minimum, void>;
  readonly #classWeights: Float64Array;
  readonly #bias: Float64Array;
  #point: Evaluation;
  #minimum: Minimum | undefined;

  /** @param soft - What the targets take from the loss, where they are soft. */
  constructor(
    design: Design,
    labels: Labels,
    problem: LogisticProblem,
    soft: LinearPart | undefined,
    tolerance: number,
  ) {
    const { c, rowWeights, start } = problem;
    const targets = soft === undefined ? labels.targets : undefined;
    this.#labels = labels;
    this.#weighted = { targets, rowWeights: rowWeights.map((weight) => c * weight) };
    this.#soft = soft;
    this.#cols = design.cols;
    this.#classWeights =
      soft?.bias.map((mass) => mass / c) ?? sumByClass(labels.targets, rowWeights, labels.classes);
    this.#bias = new Float64Array(labels.classes);
    const point = new Float64Array(labels.classes * (design.cols + 1));
    if (start !== undefined) this.#setPoint(point, start);
    const preconditioner = this.#preconditioner(design, c);
    this.#search = lbfgs(point, { tolerance, preconditioner });
    // A search always asks for its start before it can end.
    this.#point = this.#search.next().value as Evaluation;
  }

  get weights(): Float64Array {
    return this.#point.x.subarray(0, this.#labels.classes * this.#cols);
  }

  /** Goes on to the next point to evaluate; false at the end. */
  advance(): boolean {
    const step = this.#search.next();
    if (step.done) this.#minimum = step.value;
    else this.#point = step.value;
    return !step.done;
  }

  /**
   * Computes the loss and the bias's gradient from this fit's scores, classes x rows, and leaves in
   * their place the loss's derivative by the scores.
   */
  scoresToResiduals(scores: Vector): void {
    const biasGradient = this.#point.gradient.subarray(this.#labels.classes * this.#cols);
    const bias = this.#currentBias();
    this.#point.value = crossEntropy(scores, bias, this.#weighted, biasGradient);
    this.#soft?.bias.forEach((mass, k) => {
      // A class that is left out has no mass, and a bias of -∞.
      if (mass !== 0) this.#point.value -= mass * bias[k]!;
      biasGradient[k]! -= mass;
    });
  }

  /** Adds the penalty, and what soft targets take from the loss. */
  setWeightGradient(lossGradient: Vector): void {
    const { gradient } = this.#point;
    const weights = this.weights;
    const soft = this.#soft?.weights;
    if (soft !== undefined) {
      this.#point.value -= dot(soft, weights);
      addScaled(lossGradient, -1, soft);
    }
    let squares = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!;
      squares += weight * weight;
      gradient[i] = lossGradient[i]! + weight;
    }
    this.#point.value += 0.5 * squares;
  }

  model(): LinearModel {
    const { classes } = this.#labels;
    const size = classes * this.#cols;
    const { x } = this.#minimum!;
    const bias = x.subarray(size);
    const present = bias.filter((_, k) => this.#classWeights[k]! > 0);
    const total = this.#classWeights.reduce((sum, weight) => sum + weight, 0);
    const absentBias = logSumExp(present) - Math.log(total + 1);
    return {
      weights: x.subarray(0, size),
      bias: bias.map((value, k) => (this.#classWeights[k]! > 0 ? value : absentBias)),
    };
  }

  #setPoint(point: Float64Array, start: LinearModel): void {
    const { classes } = this.#labels;
    for (let k = 0; k < classes; k++) {
      if (this.#classWeights[k] === 0) continue;
      point.set(rowOf(weightMatrix(start), k), k * this.#cols);
      point[classes * this.#cols + k] = start.bias[k]!;
    }
  }

  /** The inverse of a diagonal estimate of the curvature, `1 + c · Σ rowWeight · p (1 - p) · x²`. */
  #preconditioner({ meanSquares }: Design, c: number): Float64Array {
    const { classes } = this.#labels;
    const total = this.#classWeights.reduce((sum, weight) => sum + weight, 0);
    const curvature = (c * total * fittedVariance) / classes;
    const result = new Float64Array(classes * (this.#cols + 1)).fill(1 / curvature);
    const row = meanSquares.map((square) => 1 / (1 + curvature * square));
    for (let k = 0; k < classes; k++) result.set(row, k * this.#cols);
    return result;
  }

  /** The intercept, with classes that have no rows left out of the softmax. */
  #currentBias(): Float64Array {
    const offset = this.#labels.classes * this.#cols;
    for (let k = 0; k < this.#bias.length; k++) {
      const isPresent = this.#classWeights[k]! > 0;
      this.#bias[k] = isPresent ? this.#point.x[offset + k]! : Number.NEGATIVE_INFINITY;
    }
    return this.#bias;
  }
}

/** Weight of all rows of each class. */
function sumByClass(targets: Int32Array, rowWeights: Float64Array, classes: number): Float64Array {
  const sums = new Float64Array(classes);
  targets.forEach((target, row) => {
    sums[target] = sums[target]! + rowWeights[row]!;
  });
  return sums;
}
