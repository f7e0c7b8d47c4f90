import type { BaseSpec } from "../bases/spec.js";
import { numberOfFolds, stratifiedGroupFolds } from "../evaluate/folds.js";
import { meanPrediction } from "../evaluate/mean-prediction.js";
import type { Prediction } from "../evaluate/metrics.js";
import type { LabelledFeatures } from "../heads/examples.js";
import {
  type FitHeadOptions,
  type FittedView,
  poolViews,
  predictViews,
  refitViews,
  type StackedHead,
} from "../heads/stacked-head.js";
import { type ViewRecipe, viewRecipes } from "../heads/views.js";
import type { OnProgress } from "../platform.js";
import { usedViews } from "./head-graph.js";
import type { TaskManifest } from "./manifest.js";

const FOLDS = 5;

/**
 * What heads like that of a task say about every row, each fitted without the row and its
 * near-duplicates: the views, their regularisation and their weights are those of the task, so that
 * nothing is searched for.
 *
 * @param spec - Of the task's base.
 */
export async function predictOutOfFold(
  { head: settings, config }: Pick<TaskManifest, "head" | "config">,
  spec: BaseSpec,
  data: LabelledFeatures,
  options: Omit<FitHeadOptions, "classWeights"> & { readonly onProgress?: OnProgress | undefined },
): Promise<Prediction> {
  const { targets, groups } = data;
  const { random, linearAlgebra, onProgress } = options;
  const { classWeights } = config;
  const head = headOf(settings, viewRecipes(spec, config.views, settings.kind));
  const folds = numberOfFolds(targets, groups, FOLDS);
  const foldOfRow = stratifiedGroupFolds({ targets, groups, folds, random });
  const rows = Int32Array.from(targets.keys());
  const predictions: Prediction[] = [];
  for (let fold = 0; fold < folds; fold++) {
    onProgress?.({ phase: "evaluate", done: fold, total: folds });
    const train = rows.filter((row) => foldOfRow[row] !== fold);
    const test = rows.filter((row) => foldOfRow[row] === fold);
    const fitting = { ...options, classWeights, random: random.derive(`fold ${fold}`) };
    const views = await refitViews(data, train, head.views, fitting);
    const perView = await predictViews(views, data, test, linearAlgebra);
    predictions.push({ rows: test, logProbabilities: poolViews({ ...head, views }, perView) });
  }
  return meanPrediction(predictions);
}

/** The settings of a task's head, in the form of one that is to be fitted again. */
function headOf(
  { kind, views: settings }: TaskManifest["head"],
  recipes: readonly ViewRecipe[],
): StackedHead {
  const views = settings.map(({ name, c }) => {
    const recipe = recipes.find((other) => other.name === name);
    const classifier = kind === "logistic" ? { kind, c } : { kind };
    // Fitting again reads nothing but settings, and these are all of them.
    return { recipe, tfidf: undefined, classifier } as FittedView;
  });
  const used = usedViews({ views, weights: settings.map(({ weight }) => weight) });
  return { views: used.map(({ view }) => view), weights: used.map(({ weight }) => weight) };
}
