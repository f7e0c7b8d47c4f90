import type { BaseSpec, OnProgress } from "@engraft/core";
import type { FitHeadOptions, LabelledFeatures, RowPredictions } from "@engraft/core/internal";
import {
  meanPrediction,
  numberOfFolds,
  splitsAt,
  stratifiedGroupFolds,
} from "@engraft/core/internal";
import type { TaskManifest } from "../../format/manifest/manifest.js";
import {
  type Candidates,
  crossValidate,
  crossValidateAsChosen,
  stackRecipes,
} from "./cross-validate.js";

const FOLDS = 5;

/**
 * Whether a head is a stack of these views. One that learned from unlabelled examples, which a task does
 * not keep, or from names of labels that are not read, has views that cannot be fitted again.
 */
export function isOf(
  { views }: TaskManifest["head"],
  { recipes }: Pick<Candidates, "recipes">,
): boolean {
  const known = new Set(recipes.map(({ name }) => name));
  return views.every(({ name }) => known.has(name));
}

/**
 * What heads like that of a task say about every row, each fitted without the row and its
 * near-duplicates: the views, their regularisation and their weights are those of the task, so that
 * nothing is searched for, but for a task that learned from unlabelled examples: see {@link isOf}.
 *
 * @param spec - Of the task's base.
 */
export async function predictOutOfFold(
  { head, config }: Pick<TaskManifest, "head" | "config">,
  spec: BaseSpec,
  data: LabelledFeatures,
  options: Omit<FitHeadOptions, "classWeights"> & { readonly onProgress?: OnProgress | undefined },
): Promise<RowPredictions> {
  const { targets, groups } = data;
  const { random } = options;
  const { classWeights } = config;
  const candidates = { recipes: stackRecipes(spec, config, data), baselines: [] };
  const folds = numberOfFolds(targets, groups, FOLDS);
  const splits = splitsAt(stratifiedGroupFolds({ targets, groups, folds, random }), folds);
  const fitting = { ...options, classWeights };
  const measured = isOf(head, candidates)
    ? await crossValidateAsChosen(
        splits.map(() => head.views),
        data,
        splits,
        candidates,
        fitting,
      )
    : await crossValidate(data, splits, candidates, fitting);
  return meanPrediction(measured.head);
}
