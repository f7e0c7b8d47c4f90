import { stratifiedGroupFolds } from "../evaluate/folds.js";
import type { LinearAlgebra, Matrix64 } from "../math/matrix.js";
import { logSoftmaxRows } from "../math/softmax.js";
import type { Abort } from "../platform.js";
import type { Random } from "../random/random.js";
import { gather, type LabelledFeatures } from "./examples.js";
import { type LinearModel, linearLogits } from "./logistic.js";
import { fitProbe } from "./probe.js";
import { combineLogProbabilities, fitStack } from "./stack.js";
import type { TfidfModel } from "./tfidf.js";
import { prepareView, viewFeatures } from "./viewMatrix.js";
import type { ViewRecipe } from "./views.js";

/** A probe on one view, ready to predict. */
export interface FittedView {
  readonly recipe: ViewRecipe;
  readonly tfidf: TfidfModel | undefined;
  /** Reads what `viewFeatures` gives for the recipe. */
  readonly linear: LinearModel;
  /** Inverse regularisation strength, chosen out of fold. */
  readonly c: number;
}

/** Probes on several views, and the weights with which their log-probabilities are pooled. */
export interface StackedHead {
  readonly views: readonly FittedView[];
  /** One per view, not negative. */
  readonly weights: readonly number[];
}

export interface FitHeadOptions {
  readonly linearAlgebra: LinearAlgebra;
  readonly random: Random;
  readonly classWeights: "none" | "balanced";
  readonly abort?: Abort | undefined;
}

/**
 * Fits a probe to each view of the training rows and stacks them. Everything that is chosen, the
 * regularisation and the weights, is chosen by predictions for folds of these rows that the
 * predicting probe has not seen.
 */
export async function fitStackedHead(
  data: LabelledFeatures,
  rows: Int32Array,
  recipes: readonly ViewRecipe[],
  options: FitHeadOptions,
): Promise<StackedHead> {
  const targets = gather(data.targets, rows);
  const folds = stratifiedGroupFolds({
    targets,
    groups: gather(data.groups, rows),
    classes: data.classes,
    random: options.random,
  });
  const views: FittedView[] = [];
  const outOfFold: Matrix64[] = [];
  for (const recipe of recipes) {
    options.abort?.throwIfAborted();
    const { features, tfidf, toPlain } = prepareView(recipe, data, rows);
    const probe = await fitProbe({
      features,
      targets,
      classes: data.classes,
      folds,
      classWeights: options.classWeights,
      linearAlgebra: options.linearAlgebra,
      signal: options.abort,
    });
    views.push({ recipe, tfidf, linear: toPlain(probe.linear), c: probe.c });
    outOfFold.push(probe.outOfFoldLogProbabilities);
  }
  // A single view is the classic linear probe: its own probabilities, as they are.
  const weights = views.length === 1 ? [1] : [...fitStack(outOfFold, targets).weights];
  return { views, weights };
}

/** What a head says about some rows. */
export interface HeadPrediction {
  /** [rows, classes], normalised. */
  readonly logProbabilities: Matrix64;
  /** The same of each view alone, in the order of the head's views. */
  readonly perView: readonly Matrix64[];
}

/** Applies a stacked head to rows of a table. */
export async function predictStackedHead(
  head: StackedHead,
  data: Pick<LabelledFeatures, "table" | "texts">,
  rows: Int32Array,
  linearAlgebra: LinearAlgebra,
): Promise<HeadPrediction> {
  const perView: Matrix64[] = [];
  for (const { recipe, tfidf, linear } of head.views) {
    const features = viewFeatures(recipe, tfidf, data, rows);
    perView.push(logSoftmaxRows(await linearLogits(linear, features, linearAlgebra)));
  }
  return { logProbabilities: combineLogProbabilities(perView, head.weights), perView };
}
