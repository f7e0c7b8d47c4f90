import type { OnProgress } from "@engraft/core";
import type {
  ClassifierSettings,
  LinearModel,
  RowPredictions,
  Split,
  ViewRecipe,
} from "@engraft/core/internal";
import {
  type FitHeadOptions,
  type FittedView,
  fitViews,
  gather,
  type LabelledFeatures,
  majorityLogProbabilities,
  poolViews,
  predictViews,
  refitViews,
  type StackedHead,
  stackViews,
  thoseWithWeight,
  type ViewSettings,
} from "@engraft/core/internal";
import type { ChosenView } from "../format/measurement.js";
import type { ComparedPredictions } from "./metrics.js";

/** The baseline that always says how frequent each class is. */
const MAJORITY = "majority";

/** The views that a head stacks, and the views that are measured alone beside it. */
export interface Candidates {
  readonly recipes: readonly ViewRecipe[];
  readonly baselines: readonly ViewRecipe[];
}

/** A head, and everything that it is compared with, fitted on the same rows. */
export interface FittedCandidates {
  readonly head: StackedHead;
  /** Those of the head, and the baselines. */
  readonly views: readonly FittedView[];
  readonly rows: Int32Array;
}

/** Fits a head and its baselines on some rows; a view that is both is fitted once. */
export async function fitCandidates(
  data: LabelledFeatures,
  rows: Int32Array,
  { recipes, baselines }: Candidates,
  options: FitHeadOptions,
): Promise<FittedCandidates> {
  const names = new Set(recipes.map(({ name }) => name));
  const others = baselines.filter(({ name }) => !names.has(name));
  const fitted = await fitViews(data, rows, [...recipes, ...others], options);
  return { head: stackViews(fitted, names), views: fitted.views, rows };
}

/**
 * Fits what was fitted on a part of a large data set to all of it: every view that counts, with the
 * strength of its regularisation and its weight in the stack as they were chosen on the part.
 */
export async function refitCandidates(
  part: FittedCandidates,
  data: LabelledFeatures,
  rows: Int32Array,
  candidates: Candidates,
  options: FitHeadOptions,
): Promise<FittedCandidates> {
  const { views } = await fitAsChosen(settingsOf(part), data, rows, candidates, options);
  const refitted = new Map(views.map((view) => [view.recipe.name, view]));
  const latest = (view: FittedView): FittedView => refitted.get(view.recipe.name) ?? view;
  const head = { ...part.head, views: part.head.views.map(latest) };
  return { head, views: part.views.map(latest), rows };
}

/** What was chosen for every view. */
export function settingsOf({ head, views }: FittedCandidates): ChosenView[] {
  const weights = new Map(
    head.views.map(({ recipe }, index) => [recipe.name, head.weights[index]!]),
  );
  return views.map(({ recipe: { name }, tfidf, classifier }) => ({
    name,
    weight: weights.get(name) ?? 0,
    ...(classifier.kind === "logistic" && { c: classifier.c, linear: classifier.linear, tfidf }),
  }));
}

/**
 * Fits the views that count, and the baselines, with what was chosen before.
 *
 * @returns Those views alone.
 */
export async function fitAsChosen(
  chosen: readonly ChosenView[],
  data: LabelledFeatures,
  rows: Int32Array,
  { recipes, baselines }: Candidates,
  options: FitHeadOptions,
): Promise<FittedCandidates> {
  const known = new Map([...recipes, ...baselines].map((recipe) => [recipe.name, recipe]));
  const counting = thoseWithWeight(chosen);
  const beside = baselines.flatMap(({ name }) =>
    counting.some((view) => view.name === name) ? [] : chosen.filter((view) => view.name === name),
  );
  const settings = [...counting, ...beside].map(
    ({ name, c, linear, tfidf }): ViewSettings => ({
      recipe: known.get(name)!,
      tfidf,
      classifier: classifierSettings(known.get(name)!, c, linear),
    }),
  );
  const views = await refitViews(data, rows, settings, options);
  const head = {
    views: views.slice(0, counting.length),
    weights: counting.map(({ weight }) => weight),
  };
  return { head, views, rows };
}

function classifierSettings(
  recipe: ViewRecipe,
  c: number | undefined,
  linear: LinearModel | undefined,
): ClassifierSettings {
  const kind = recipe.kind === "layers" ? recipe.classifier : "logistic";
  // Every logistic probe has its C: see `ViewSummary`.
  return kind === "logistic" ? { kind, c: c!, linear } : { kind };
}

/** What a head and its baselines say about rows that they were not fitted on. */
export async function predictCandidates(
  { head, views, rows: trained }: FittedCandidates,
  data: LabelledFeatures,
  rows: Int32Array,
  { baselines }: Candidates,
  { linearAlgebra }: Pick<FitHeadOptions, "linearAlgebra">,
): Promise<{ head: RowPredictions; baselines: Map<string, RowPredictions> }> {
  const perView = await predictViews(views, data, rows, linearAlgebra);
  const majority = majorityLogProbabilities(
    gather(data.targets, trained),
    data.classes,
    rows.length,
  );
  return {
    head: { rows, logProbabilities: poolViews(head, perView) },
    baselines: new Map([
      [MAJORITY, { rows, logProbabilities: majority }],
      ...baselines.map(
        ({ name }) => [name, { rows, logProbabilities: perView.get(name)! }] as const,
      ),
    ]),
  };
}

/** What was said about the test part of each split, and what was fitted on its training part. */
export interface CrossValidation extends ComparedPredictions {
  readonly fitted: readonly FittedCandidates[];
}

/**
 * Trains from scratch on the training part of each split and predicts its test part. The evaluation
 * is nested: statistics, vocabulary, regularisation and stack weights are all chosen inside the
 * training part, so that nothing is tuned on what is reported.
 */
export function crossValidate(
  data: LabelledFeatures,
  splits: readonly Split[],
  candidates: Candidates,
  options: MeasureOptions,
): Promise<CrossValidation> {
  return measureSplits(data, splits, candidates, options, ({ train }, _, fitting) =>
    fitCandidates(data, train, candidates, fitting),
  );
}

/**
 * The same with what was chosen before. It is as honest if `chosen` was chosen, for each split,
 * without the rows that the split tests.
 *
 * @param chosen - One for each split.
 */
export function crossValidateAsChosen(
  chosen: readonly (readonly ChosenView[])[],
  data: LabelledFeatures,
  splits: readonly Split[],
  candidates: Candidates,
  options: MeasureOptions,
): Promise<CrossValidation> {
  return measureSplits(data, splits, candidates, options, ({ train }, index, fitting) =>
    fitAsChosen(chosen[index]!, data, train, candidates, fitting),
  );
}

type MeasureOptions = FitHeadOptions & { readonly onProgress?: OnProgress | undefined };

/** Fits on the training part of each split, in whichever way, and predicts its test part. */
async function measureSplits(
  data: LabelledFeatures,
  splits: readonly Split[],
  candidates: Candidates,
  options: MeasureOptions,
  fit: (split: Split, index: number, fitting: FitHeadOptions) => Promise<FittedCandidates>,
): Promise<CrossValidation> {
  const head: RowPredictions[] = [];
  const baselines = new Map<string, RowPredictions[]>();
  const fitted: FittedCandidates[] = [];
  for (const [index, split] of splits.entries()) {
    options.onProgress?.({ phase: "evaluate", done: index, total: splits.length });
    const random = options.random.derive(`split ${index}`);
    const candidate = await fit(split, index, { ...options, random });
    fitted.push(candidate);
    const predicted = await predictCandidates(candidate, data, split.test, candidates, options);
    head.push(predicted.head);
    for (const [name, prediction] of predicted.baselines) {
      const earlier = baselines.get(name);
      if (earlier) earlier.push(prediction);
      else baselines.set(name, [prediction]);
    }
  }
  return { head, baselines, fitted };
}
