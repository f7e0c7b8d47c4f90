import { numberOfFolds, stratifiedGroupFolds } from "../../evaluate/folds/folds.js";
import { gather, type LabelledFeatures, type OutOfFold } from "../../features/labelled-features.js";
import type { LinearAlgebra, Matrix64 } from "../../math/matrix.js";
import type { Random } from "../../random/random.js";
import type { ClassWeights } from "../choices.js";
import { probeHeldOut } from "../logistic/held-out-probe.js";
import type { FoldModel } from "../logistic/probe.js";
import {
  type Classifier,
  type ClassifierOptions,
  type ClassifierSettings,
  classify,
  fitClassifier,
  refitClassifier,
} from "../views/classifier.js";
import { prepareView, viewFeatures } from "../views/view-matrix.js";
import type { ViewRecipe } from "../views/views.js";
import type { TfidfModel } from "../words/tfidf.js";
import { combineLogProbabilities, fitStack } from "./stack.js";

/** A classifier on one view, ready to predict. */
export interface FittedView {
  readonly recipe: ViewRecipe;
  readonly tfidf: TfidfModel | undefined;
  readonly classifier: Classifier;
}

/** What is needed to fit a view again. */
export interface ViewSettings {
  readonly recipe: ViewRecipe;
  readonly classifier: ClassifierSettings;
  /** Words that the classifier reads, on a view on words. */
  readonly tfidf?: TfidfModel | undefined;
}

/** Classifiers on several views, and the weights with which their log-probabilities are pooled. */
export interface StackedHead {
  readonly views: readonly FittedView[];
  /** One per view, not negative. */
  readonly weights: readonly number[];
}

export interface FitHeadOptions {
  readonly linearAlgebra: LinearAlgebra;
  readonly random: Random;
  readonly classWeights: ClassWeights;
  readonly signal?: AbortSignal | undefined;
  /** Whether the classifiers of the folds are wanted, to learn from unlabelled rows. Default: no. */
  readonly keepFolds?: boolean | undefined;
}

/** Folds in which the regularisation of probes and the weights of a stack are chosen. */
const FOLDS = 5;

/** Probes on some views, with what each says about rows that its probe has not seen. */
export interface FittedViews {
  readonly views: readonly FittedView[];
  /** Of each view, for the same rows. */
  readonly outOfFold: readonly OutOfFold[];
  /** The classifiers that `outOfFold` is from, of each view, where they are wanted. */
  readonly folds: readonly (readonly FoldModel[])[];
  /** Class of each training row. */
  readonly targets: Int32Array;
  /** The fold that each training row is held out in. */
  readonly foldOf: Int32Array;
}

/**
 * Fits a probe to each view of the training rows. The strength of the regularisation is chosen by
 * predictions for folds of these rows that the predicting probe has not seen.
 */
export async function fitViews(
  data: LabelledFeatures,
  rows: Int32Array,
  recipes: readonly ViewRecipe[],
  options: FitHeadOptions,
): Promise<FittedViews> {
  const fitting = classifierOptions(data, rows, options);
  const views: FittedView[] = [];
  const outOfFold: OutOfFold[] = [];
  const folds: (readonly FoldModel[])[] = [];
  for (const recipe of recipes) {
    options.signal?.throwIfAborted();
    const view = prepareView(recipe, data, rows);
    const kind = recipe.kind === "layers" ? recipe.classifier : "logistic";
    const fitted = await fitClassifier(kind, view, fitting);
    views.push({ recipe, tfidf: view.tfidf, classifier: fitted.classifier });
    outOfFold.push(fitted.outOfFold);
    folds.push(fitted.folds);
  }
  return { views, outOfFold, folds, targets: fitting.targets, foldOf: fitting.folds };
}

/**
 * The same views of other rows: each with the settings that were chosen before, which spares a search
 * that would end at the same ones. The fit of a large problem starts at the classifier that was fitted
 * before, where there is one.
 */
export async function refitViews(
  data: LabelledFeatures,
  rows: Int32Array,
  views: readonly ViewSettings[],
  options: FitHeadOptions,
): Promise<FittedView[]> {
  const fitting = classifierOptions(data, rows, options);
  const refitted: FittedView[] = [];
  for (const { recipe, classifier: settings, tfidf } of views) {
    options.signal?.throwIfAborted();
    const view = prepareView(recipe, data, rows);
    const classifier = await refitClassifier(settings, tfidf, view, fitting);
    refitted.push({ recipe, tfidf: view.tfidf, classifier });
  }
  return refitted;
}

/**
 * What probes on a view of some rows say about those that they have not seen, to compare views with one
 * another: less exact than {@link fitViews}, in half the time.
 */
export async function predictHeldOut(
  data: LabelledFeatures,
  rows: Int32Array,
  recipe: ViewRecipe,
  options: FitHeadOptions,
): Promise<OutOfFold> {
  const fitting = classifierOptions(data, rows, options);
  const { features } = prepareView(recipe, data, rows);
  return probeHeldOut({ ...fitting, features });
}

/** What the classifiers of all views of some rows have in common. */
function classifierOptions(
  data: LabelledFeatures,
  rows: Int32Array,
  { random, classWeights, linearAlgebra, signal, keepFolds }: FitHeadOptions,
): ClassifierOptions {
  const targets = gather(data.targets, rows);
  const groups = gather(data.groups, rows);
  const folds = stratifiedGroupFolds({
    targets,
    groups,
    folds: numberOfFolds(targets, groups, FOLDS),
    random,
  });
  const { classes, names } = data;
  return { targets, classes, folds, classWeights, names, linearAlgebra, signal, keepFolds };
}

/**
 * Stacks the named views. The weights come from the same out-of-fold predictions. A single view is
 * the classic linear probe: its own probabilities, as they are.
 */
export function stackViews(
  { views, outOfFold, targets }: Pick<FittedViews, "views" | "outOfFold" | "targets">,
  names: ReadonlySet<string>,
): StackedHead {
  const chosen = [...views.keys()].filter((index) => names.has(views[index]!.recipe.name));
  const stacked = chosen.map((index) => views[index]!);
  if (stacked.length === 1) return { views: stacked, weights: [1] };
  const { weights } = fitStack(
    chosen.map((index) => outOfFold[index]!.logProbabilities),
    gather(targets, outOfFold[chosen[0]!]!.rows),
    { shares: stacked.map(({ recipe }) => recipe.share ?? 1) },
  );
  return { views: stacked, weights: [...weights] };
}

/** The log-probabilities of each view for some rows: [rows, classes] per view. */
export async function predictViews(
  views: readonly FittedView[],
  data: Pick<LabelledFeatures, "table" | "texts">,
  rows: Int32Array,
  linearAlgebra: LinearAlgebra,
): Promise<Map<string, Matrix64>> {
  const predictions = new Map<string, Matrix64>();
  for (const { recipe, tfidf, classifier } of views) {
    const features = viewFeatures(recipe, tfidf, data, rows);
    predictions.set(recipe.name, await classify(classifier, features, linearAlgebra));
  }
  return predictions;
}

/** Pools the views' log-probabilities as the head's weights say. */
export function poolViews(head: StackedHead, perView: ReadonlyMap<string, Matrix64>): Matrix64 {
  return combineLogProbabilities(
    head.views.map(({ recipe }) => perView.get(recipe.name)!),
    head.weights,
  );
}
