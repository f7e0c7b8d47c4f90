import { majorityLogProbabilities } from "../evaluate/baselines.js";
import type { Split } from "../evaluate/folds.js";
import type { Prediction } from "../evaluate/metrics.js";
import { gather, type LabelledFeatures } from "../heads/examples.js";
import {
  type FitHeadOptions,
  type FittedView,
  fitViews,
  poolViews,
  predictViews,
  refitViews,
  type StackedHead,
  stackViews,
} from "../heads/stacked-head.js";
import type { ViewRecipe } from "../heads/views.js";
import type { OnProgress } from "../platform.js";
import type { ComparedPredictions } from "./figures.js";
import { usedViews } from "./head-graph.js";

/** The baseline that always says how frequent each class is. */
const MAJORITY = "majority";

/** The views that a head stacks, and the views that are measured alone beside it. */
export interface Contenders {
  readonly recipes: readonly ViewRecipe[];
  readonly baselines: readonly ViewRecipe[];
}

/** A head, and everything that it is compared with, fitted on the same rows. */
export interface FittedContenders {
  readonly head: StackedHead;
  /** Those of the head, and the baselines. */
  readonly views: readonly FittedView[];
  readonly rows: Int32Array;
}

/** Fits a head and its baselines on some rows; a view that is both is fitted once. */
export async function fitContenders(
  data: LabelledFeatures,
  rows: Int32Array,
  { recipes, baselines }: Contenders,
  options: FitHeadOptions,
): Promise<FittedContenders> {
  const names = new Set(recipes.map(({ name }) => name));
  const others = baselines.filter(({ name }) => !names.has(name));
  const fitted = await fitViews(data, rows, [...recipes, ...others], options);
  return { head: stackViews(fitted, names), views: fitted.views, rows };
}

/**
 * Fits what was fitted on a part of a large data set to all of it: every view that counts, with the
 * strength of its regularisation and its weight in the stack as they were chosen on the part.
 */
export async function refitContenders(
  { head, views }: FittedContenders,
  data: LabelledFeatures,
  rows: Int32Array,
  { baselines }: Contenders,
  options: FitHeadOptions,
): Promise<FittedContenders> {
  const needed = new Set([
    ...usedViews(head).map(({ view }) => view.recipe.name),
    ...baselines.map(({ name }) => name),
  ]);
  const chosen = views.filter(({ recipe }) => needed.has(recipe.name));
  const refitted = new Map(
    (await refitViews(data, rows, chosen, options)).map((view) => [view.recipe.name, view]),
  );
  const latest = (view: FittedView): FittedView => refitted.get(view.recipe.name) ?? view;
  return { head: { ...head, views: head.views.map(latest) }, views: views.map(latest), rows };
}

/** What a head and its baselines say about rows that they were not fitted on. */
export async function predictContenders(
  { head, views, rows: trained }: FittedContenders,
  data: LabelledFeatures,
  rows: Int32Array,
  { baselines }: Contenders,
  { linearAlgebra }: FitHeadOptions,
): Promise<{ head: Prediction; baselines: Map<string, Prediction> }> {
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

/** What was said about the test parts, and what was fitted on the last training part. */
export interface CrossValidation extends ComparedPredictions {
  readonly last: FittedContenders;
}

/**
 * Trains from scratch on the training part of each split and predicts its test part. The evaluation
 * is nested: statistics, vocabulary, regularisation and stack weights are all chosen inside the
 * training part, so that nothing is tuned on what is reported.
 */
export async function crossValidate(
  data: LabelledFeatures,
  splits: readonly Split[],
  contenders: Contenders,
  options: FitHeadOptions & { readonly onProgress?: OnProgress | undefined },
): Promise<CrossValidation> {
  const head: Prediction[] = [];
  const baselines = new Map<string, Prediction[]>();
  let last: FittedContenders | undefined;
  for (const [index, { train, test }] of splits.entries()) {
    options.onProgress?.({ phase: "evaluate", done: index, total: splits.length });
    const random = options.random.derive(`split ${index}`);
    last = await fitContenders(data, train, contenders, { ...options, random });
    const predicted = await predictContenders(last, data, test, contenders, options);
    head.push(predicted.head);
    for (const [name, prediction] of predicted.baselines) {
      const earlier = baselines.get(name);
      if (earlier) earlier.push(prediction);
      else baselines.set(name, [prediction]);
    }
  }
  return { head, baselines, last: last! };
}
