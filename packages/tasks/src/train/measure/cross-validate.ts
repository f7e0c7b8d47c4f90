import type { BaseSpec, OnProgress } from "@engraft/core";
import type {
  ClassifierSettings,
  LinearModel,
  Matrix64,
  RowPredictions,
  Split,
  ViewRecipe,
} from "@engraft/core/internal";
import {
  areBetterThanChance,
  type FitHeadOptions,
  type FittedView,
  type FittedViews,
  fitViews,
  gather,
  type LabelledFeatures,
  learnFromUnlabelled,
  majorityLogProbabilities,
  NAMES_VIEW,
  namesRecipe,
  poolViews,
  predictViews,
  refitViews,
  type StackedHead,
  stackViews,
  thoseWithWeight,
  type Unlabelled,
  type ViewSettings,
  viewRecipes,
} from "@engraft/core/internal";
import type { ChosenView } from "../../format/files/measurement.js";
import type { TrainConfig } from "../../format/manifest/config.js";
import { Agreement } from "./agreement.js";
import type { ComparedPredictions } from "./metrics.js";
import { stackOf } from "./stack-of.js";

/** The baseline that always says how frequent each class is. */
const MAJORITY = "majority";
/** The same views without what unlabelled examples and the names of labels tell. */
export const LABELS_ONLY = "labels-only";
/** The same views without what unlabelled examples tell, where names are read too. */
export const LABELS_AND_NAMES = "labels-and-names";

/** The views that a head stacks, and the views that are measured alone beside it. */
export interface Candidates {
  readonly recipes: readonly ViewRecipe[];
  readonly baselines: readonly ViewRecipe[];
}

/** The views that are stacked on a base; one on the names of the labels where these are read. */
export function stackRecipes(
  spec: BaseSpec,
  { views, head }: Pick<TrainConfig, "views" | "head">,
  { names }: Pick<LabelledFeatures, "names">,
): ViewRecipe[] {
  return [...viewRecipes(spec, views, head), ...(names ? [namesRecipe(spec)] : [])];
}

/** What a head has learned from, beside labelled rows. */
export interface Help {
  readonly names: boolean;
  readonly unlabelled: boolean;
}

/** A head, and everything that it is compared with, fitted on the same rows. */
export interface FittedCandidates {
  readonly head: StackedHead;
  /** Those of the head, and the baselines. */
  readonly views: readonly FittedView[];
  readonly rows: Int32Array;
  /** Heads that learned from less, by the name of the baseline that they are. */
  readonly withLess?: ReadonlyMap<string, StackedHead> | undefined;
  /** What the head has learned from; undefined where there was nothing but labelled rows. */
  readonly help?: Help | undefined;
}

/** How candidates are fitted. */
export interface FitCandidatesOptions extends FitHeadOptions {
  /** What unlabelled rows tell. */
  readonly unlabelled?: Unlabelled | undefined;
}

/**
 * Fits a head and its baselines on some rows; a view that is both is fitted once. What there is beside
 * labels, names of the labels and unlabelled rows, is learned from if the log-loss is less with it, out
 * of the folds of these rows: first the names, then the unlabelled rows.
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
  const known = { views: fitted.views, rows };
  const hasNames = names.has(NAMES_VIEW);
  if (!hasNames && unlabelled === undefined) return { head: stackViews(fitted, names), ...known };
  const plain = stackOf(fitted, new Set([...names].filter((name) => name !== NAMES_VIEW)));
  const named = hasNames && saySomething(fitted, data) ? stackOf(fitted, names) : undefined;
  const byLabels = named !== undefined && named.logLoss < plain.logLoss ? named : plain;
  const withLess = new Map([[LABELS_ONLY, plain.head]]);
  const help = { names: byLabels === named, unlabelled: false };
  if (unlabelled === undefined) return { head: byLabels.head, ...known, withLess, help };

  if (hasNames) withLess.set(LABELS_AND_NAMES, byLabels.head);
  const learned = await learnFromUnlabelled(byLabels.fitted, data, rows, unlabelled, options);
  const taught = stackOf(learned, new Set(learned.views.map(({ recipe }) => recipe.name)));
  if (taught.logLoss >= byLabels.logLoss) {
    return { head: byLabels.head, ...known, withLess, help };
  }
  return {
    head: taught.head,
    views: [...new Set([...fitted.views, ...taught.head.views])],
    rows,
    withLess,
    help: { ...help, unlabelled: true },
  };
}

/** Whether the names of the labels may be stacked: descriptions always, mere names by a test. */
function saySomething(
  { views, outOfFold, targets }: FittedViews,
  { names, classes }: LabelledFeatures,
): boolean {
  if (names?.areDescriptions) return true;
  const { rows, logProbabilities } = outOfFold[views.findIndex(isOnNames)]!;
  return areBetterThanChance(logProbabilities, gather(targets, rows), classes);
}

const isOnNames = ({ recipe }: FittedView): boolean => recipe.name === NAMES_VIEW;

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
  return { head, views: part.views.map(latest), rows, help: part.help };
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
  { head, views, rows: trained, withLess = new Map() }: FittedCandidates,
  data: LabelledFeatures,
  rows: Int32Array,
  { baselines }: Candidates,
  { linearAlgebra }: Pick<FitHeadOptions, "linearAlgebra">,
): Promise<{
  head: { rows: Int32Array; logProbabilities: Matrix64 };
  baselines: Map<string, RowPredictions>;
  perView: ReadonlyMap<string, Matrix64>;
}> {
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
      ...Array.from(
        withLess,
        ([name, less]) => [name, { rows, logProbabilities: poolViews(less, perView) }] as const,
      ),
    ]),
    perView,
  };
}

/** What was said about the test part of each split, and what was fitted on its training part. */
export interface CrossValidation extends ComparedPredictions {
  readonly fitted: readonly FittedCandidates[];
  /** How often each view gives the label that its stack gives, by its name. */
  readonly agreement: ReadonlyMap<string, number>;
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
  const agreement = new Agreement();
  for (const [index, split] of splits.entries()) {
    options.onProgress?.({ phase: "evaluate", done: index, total: splits.length });
    const random = options.random.derive(`split ${index}`);
    const candidate = await fit(split, index, { ...options, random });
    fitted.push(candidate);
    const predicted = await predictCandidates(candidate, data, split.test, candidates, options);
    head.push(predicted.head);
    agreement.add(candidate.head, predicted.head.logProbabilities, predicted.perView);
    for (const [name, prediction] of predicted.baselines) {
      const earlier = baselines.get(name);
      if (earlier) earlier.push(prediction);
      else baselines.set(name, [prediction]);
    }
  }
  return { head, baselines, fitted, agreement: agreement.shares() };
}
