import type { OnProgress } from "@engraft/core";
import type {
  ClassifierSettings,
  LinearModel,
  RowPredictions,
  Split,
  ViewRecipe,
} from "@engraft/core/internal";
import {
  combineLogProbabilities,
  type FitHeadOptions,
  type FittedView,
  type FittedViews,
  fitViews,
  gather,
  type LabelledFeatures,
  labelSmoothing,
  learnFromUnlabelled,
  majorityLogProbabilities,
  meanLogLoss,
  poolViews,
  predictViews,
  refitViews,
  type StackedHead,
  stackViews,
  thoseWithWeight,
  type Unlabelled,
  type ViewSettings,
} from "@engraft/core/internal";
import type { ChosenView } from "../format/measurement.js";
import type { ComparedPredictions } from "./metrics.js";

/** The baseline that always says how frequent each class is. */
const MAJORITY = "majority";
/** The same views without what unlabelled examples tell. */
export const LABELS_ONLY = "labels-only";

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
  /** The head that learned from labelled rows alone, where there are unlabelled ones too. */
  readonly labelsOnly?: StackedHead | undefined;
}

/** How candidates are fitted. */
export interface FitCandidatesOptions extends FitHeadOptions {
  /** What unlabelled rows tell. */
  readonly unlabelled?: Unlabelled | undefined;
}

/**
 * Fits a head and its baselines on some rows; a view that is both is fitted once. Where there are
 * unlabelled rows, a head that has learned from them too is taken if its log-loss is less, out of the
 * folds of these rows.
 */
export async function fitCandidates(
  data: LabelledFeatures,
  rows: Int32Array,
  { recipes, baselines }: Candidates,
  options: FitCandidatesOptions,
): Promise<FittedCandidates> {
  const { unlabelled } = options;
  const names = new Set(recipes.map(({ name }) => name));
  const others = baselines.filter(({ name }) => !names.has(name));
  const keepFolds = unlabelled !== undefined;
  const fitted = await fitViews(data, rows, [...recipes, ...others], { ...options, keepFolds });
  const labelsOnly = stackViews(fitted, names);
  if (unlabelled === undefined) return { head: labelsOnly, views: fitted.views, rows };
  const stacked = firstViews(fitted, recipes.length);
  const learned = await learnFromUnlabelled(stacked, data, rows, unlabelled, options);
  const taught = stackViews(learned, new Set(learned.views.map(({ recipe }) => recipe.name)));
  const isBetter = heldOutLoss(taught, learned) < heldOutLoss(labelsOnly, stacked);
  return {
    head: isBetter ? taught : labelsOnly,
    views: [...new Set([...fitted.views, ...(isBetter ? taught.views : [])])],
    rows,
    labelsOnly,
  };
}

/** The first views, which are those of the stack. */
function firstViews(fitted: FittedViews, count: number): FittedViews {
  return {
    ...fitted,
    views: fitted.views.slice(0, count),
    outOfFold: fitted.outOfFold.slice(0, count),
    folds: fitted.folds.slice(0, count),
  };
}

/** Mean log-loss of a stack of all views, out of their folds. */
function heldOutLoss(
  { weights }: StackedHead,
  { outOfFold, targets }: Pick<FittedViews, "outOfFold" | "targets">,
): number {
  const rows = outOfFold[0]!.rows;
  const pooled = combineLogProbabilities(
    outOfFold.map(({ logProbabilities }) => logProbabilities),
    weights,
  );
  return meanLogLoss(pooled, gather(targets, rows), undefined, labelSmoothing(rows.length));
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
  { head, views, rows: trained, labelsOnly }: FittedCandidates,
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
      ...(labelsOnly
        ? [[LABELS_ONLY, { rows, logProbabilities: poolViews(labelsOnly, perView) }] as const]
        : []),
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

type MeasureOptions = FitCandidatesOptions & { readonly onProgress?: OnProgress | undefined };

/** Fits on the training part of each split, in whichever way, and predicts its test part. */
async function measureSplits(
  data: LabelledFeatures,
  splits: readonly Split[],
  candidates: Candidates,
  options: MeasureOptions,
  fit: (split: Split, index: number, fitting: FitCandidatesOptions) => Promise<FittedCandidates>,
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
