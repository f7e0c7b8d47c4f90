import { majorityLogProbabilities } from "../evaluate/baselines.js";
import type { Split } from "../evaluate/folds.js";
import type { Prediction } from "../evaluate/metrics.js";
import { gather, type LabelledFeatures } from "../heads/examples.js";
import {
  type FitHeadOptions,
  type FittedViews,
  fitViews,
  poolViews,
  predictViews,
  type StackedHead,
  stackViews,
} from "../heads/stacked-head.js";
import type { ViewRecipe } from "../heads/views.js";
import type { OnProgress } from "../platform.js";
import type { ComparedPredictions } from "./figures.js";

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
  readonly fitted: FittedViews;
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
  return { head: stackViews(fitted, names), fitted, rows };
}

/** What a head and its baselines say about rows that they were not fitted on. */
export async function predictContenders(
  { head, fitted, rows: trained }: FittedContenders,
  data: LabelledFeatures,
  rows: Int32Array,
  { baselines }: Contenders,
  { linearAlgebra }: FitHeadOptions,
): Promise<{ head: Prediction; baselines: Map<string, Prediction> }> {
  const perView = await predictViews(fitted.views, data, rows, linearAlgebra);
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
): Promise<ComparedPredictions> {
  const head: Prediction[] = [];
  const baselines = new Map<string, Prediction[]>();
  for (const [index, { train, test }] of splits.entries()) {
    options.onProgress?.({ phase: "evaluate", done: index, total: splits.length });
    const random = options.random.derive(`split ${index}`);
    const fitted = await fitContenders(data, train, contenders, { ...options, random });
    const predicted = await predictContenders(fitted, data, test, contenders, options);
    head.push(predicted.head);
    for (const [name, prediction] of predicted.baselines) {
      const earlier = baselines.get(name);
      if (earlier) earlier.push(prediction);
      else baselines.set(name, [prediction]);
    }
  }
  return { head, baselines };
}
