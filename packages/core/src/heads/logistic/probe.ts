import { UsageError } from "../../errors.js";
import type { OutOfFold } from "../../features/labelled-features.js";
import type { LinearAlgebra } from "../../math/matrix.js";
import type { ClassWeights } from "../choices.js";
import type { LossAtC } from "./grid-search.js";
import type { Features, LinearModel } from "./linear-model.js";
import { fitExhaustively } from "./probe-fit.js";
import { fitScaling, rescale, unscale } from "./scaling.js";
import { enoughFolds, fitThinned, fitThinnedAt, isLarge } from "./thinning.js";

export interface ProbeOptions {
  /** One row for each example. Left as they are. */
  readonly features: Features;
  /** Class of each row, from 0. */
  readonly targets: Int32Array;
  readonly classes: number;
  /** The fold that each row is held out in, from 0; at least two folds. */
  readonly folds: Int32Array;
  readonly linearAlgebra: LinearAlgebra;
  /** Inverse strengths of the regularisation to choose from, increasing. Default `defaultGrid`. */
  readonly grid?: readonly number[];
  /** `balanced` lets every class count the same: n / (classes · rows of the class) a row. */
  readonly classWeights?: ClassWeights;
  readonly signal?: AbortSignal | undefined;
  /** Whether the classifiers of the folds are wanted. Default: no. */
  readonly keepFolds?: boolean | undefined;
}

/** A logistic probe whose regularisation was chosen out of fold. */
export interface Probe {
  /** The chosen inverse strength of the regularisation, for features scaled as `Scaling` says. */
  readonly c: number;
  /** Fitted on all rows; in the coordinates of the features as they were given. */
  readonly linear: LinearModel;
  /** Each row is predicted by a classifier that was fitted without its fold. */
  readonly outOfFold: OutOfFold;
  /** Held-out loss of every C that was tried, in increasing order of C. */
  readonly losses: readonly LossAtC[];
  /**
   * The classifiers that `outOfFold` is from, each fitted without one fold, in the order of the folds;
   * in the coordinates of the features as they were given. Empty unless they are wanted.
   */
  readonly folds: readonly FoldModel[];
}

/** A classifier that was fitted without the rows of a fold. */
export interface FoldModel {
  readonly fold: number;
  readonly linear: LinearModel;
}

/**
 * 13 strengths from 1e-2 to 1e6, evenly spaced on a logarithmic scale. Features of unit total
 * variance need weaker regularisation than the standardised columns that C is usually chosen for: d
 * standardised columns have total variance d, so that the usual 1e-4 to 1e4 become d times that.
 */
export const defaultGrid: readonly number[] = Array.from(
  { length: 13 },
  (_, i) => 10 ** ((2 * i) / 3 - 2),
);

/**
 * Fits a linear probe: multinomial logistic regression with L2 (see `fitLogistic`), the strength of
 * the regularisation chosen by mean out-of-fold log-loss. Time is linear in the number of rows: see
 * `enoughFolds` and `fitThinned` for how large problems are thinned.
 */
export async function fitProbe(options: ProbeOptions): Promise<Probe> {
  const { features, targets, classes, folds, linearAlgebra, grid = defaultGrid, signal } = options;
  const all = [...new Set(folds)].sort((a, b) => a - b);
  if (all.length < 2) {
    throw new UsageError(
      `A probe needs rows in at least 2 folds to choose its regularisation, but got ${all.length}. Give each row the number of the fold that it is held out in.`,
    );
  }
  const rowWeights = classRowWeights(targets, classes, options.classWeights ?? "none");
  const labels = { targets, classes, folds, rowWeights };
  const heldOut = enoughFolds(labels, all);
  const scaling = fitScaling(features);
  const keepFolds = options.keepFolds ?? false;
  const problem = { features, scaling, labels, heldOut, grid, linearAlgebra, signal, keepFolds };
  const fit = await (isLarge(labels) ? fitThinned(problem) : fitExhaustively(problem));
  return {
    c: fit.best.c,
    linear: unscale(fit.model, scaling),
    outOfFold: fit.best.outOfFold,
    losses: fit.losses,
    folds: fit.foldModels.map((model, index) => ({
      fold: heldOut[index]!,
      linear: unscale(model, scaling),
    })),
  };
}

/**
 * Fits a probe to a large problem at a strength that was chosen before, for nearly the same rows.
 *
 * @param start - The classifier of those rows, in the coordinates of the features as they are given,
 *   where it is known: a large problem is fitted faster from there.
 * @returns The classifier, in the coordinates of the features as they were given.
 */
export async function fitProbeAt(
  c: number,
  { features, targets, classes, folds, linearAlgebra, classWeights, signal }: ProbeOptions,
  start?: LinearModel,
): Promise<LinearModel> {
  const rowWeights = classRowWeights(targets, classes, classWeights ?? "none");
  const labels = { targets, classes, folds, rowWeights };
  const scaling = fitScaling(features);
  const problem = { features, scaling, labels, linearAlgebra, signal };
  const from = start && rescale(start, scaling);
  return unscale(await fitThinnedAt(c, problem, from), scaling);
}

/** What each row counts in the loss. */
export function classRowWeights(
  targets: Int32Array,
  classes: number,
  mode: "none" | "balanced",
): Float64Array {
  if (mode === "none") return new Float64Array(targets.length).fill(1);
  const counts = new Int32Array(classes);
  for (const target of targets) counts[target]!++;
  return Float64Array.from(targets, (target) => targets.length / (classes * counts[target]!));
}
