import type { BaseModel, Dataset, Platform } from "@engraft/core";
import { createRandom, DataError, type Random, UsageError } from "@engraft/core";
import {
  type EvaluationPlan,
  evaluationPlan,
  gather,
  type LabelledFeatures,
  type Split,
} from "@engraft/core/internal";
import { type ClassShares, classSharesOf } from "./class-shares.js";
import { extractDataset, type FeatureDataset, type PassOptions } from "./extract-dataset.js";
import { groupExamples, unlabelledRows } from "./group-examples.js";
import { type NamesConfig, readLabelNames } from "./label-names.js";

/** How a data set is prepared. */
export interface PrepareOptions extends PassOptions {
  /** What part of the unlabelled examples has each label. Default: all the same. */
  readonly classShares?: ClassShares | undefined;
  /** Whether vectors of the unlabelled examples may be kept in the task. Default: no. */
  readonly keepUnlabelled?: boolean | undefined;
}

/** A data set that was read, grouped and divided: ready to be learned from and measured on. */
export interface PreparedTraining {
  readonly data: FeatureDataset;
  readonly examples: LabelledFeatures;
  /** Training examples that have a near-duplicate. */
  readonly nearDuplicates: number;
  /** Rows without a label that are no copies of labelled ones. */
  readonly unlabelled: Int32Array;
  /** What part of them has each label, where that is known. */
  readonly classShares: Float64Array | undefined;
  /** Whether vectors of them may be kept in the task. */
  readonly keepUnlabelled: boolean;
  /** How the training rows are divided to measure on them. */
  readonly plan: EvaluationPlan;
  readonly random: Random;
}

/**
 * Reads every layer of the base for all examples, keeps near-duplicates together, and decides how
 * heads are measured.
 *
 * @param names - What decides whether names of labels are read. Default: they are not.
 * @throws DataError when examples cannot be decoded, or too few are left.
 * @throws UsageError when `classShares` are not shares of the labels, or nothing is unlabelled that is to be
 *   kept.
 */
export async function prepareTraining(
  base: BaseModel,
  dataset: Dataset,
  seed: number,
  names: NamesConfig | undefined,
  platform: Platform,
  options: PrepareOptions,
): Promise<PreparedTraining> {
  const classShares = classSharesOf(options.classShares, dataset);
  const { keepUnlabelled = false } = options;
  if (keepUnlabelled) requireUnlabelled(dataset);
  const data = await extractDataset(base, dataset, platform, options);
  requireTwoOfEach(data);
  const random = createRandom(seed);
  const { groups, nearDuplicates } = await groupExamples(data, base.spec, platform, random);
  const unlabelled = await unlabelledRows(data, base.spec, platform);
  const read = names && (await readLabelNames(base, data, unlabelled, names, platform, options));
  const examples = { ...data.examples, groups, names: read };
  const plan = evaluationPlan({
    targets: examples.targets.subarray(0, data.trainRows),
    groups: groups.subarray(0, data.trainRows),
    classes: examples.classes,
    seed,
  });
  requireDifferentExamples(plan.splits, groups);
  const beside = { unlabelled, classShares, keepUnlabelled };
  return { data, examples, nearDuplicates, ...beside, plan, random };
}

function requireUnlabelled({ unlabelled = [] }: Dataset): void {
  if (unlabelled.length > 0) return;
  throw new UsageError(
    "There are no unlabelled examples whose vectors could be kept in the task (option keepUnlabelled). " +
      "Give some (option unlabelled), or leave the option out.",
  );
}

/** Of what is trained on, one part must be left to choose the regularisation by. */
function requireDifferentExamples(splits: readonly Split[], groups: Int32Array): void {
  if (splits.every(({ train }) => new Set(gather(groups, train)).size > 1)) return;
  throw new DataError(
    "data/too-few",
    "There are too few different examples: nearly all are near-duplicates of one another, so that " +
      "none is left to learn from while others are measured. Add examples that differ.",
  );
}

/** Cross-validation needs one example to learn from and one to measure on. */
function requireTwoOfEach({ examples: { targets }, trainRows, labels }: FeatureDataset): void {
  const few = classesWithFew(targets.subarray(0, trainRows), labels.length);
  if (few.length === 0) return;
  throw new DataError(
    "data/too-few",
    "Every label needs at least 2 training examples that can be decoded; too few have: " +
      `${few.map((k) => labels[k]!).join(", ")}.`,
  );
}

/** Classes with fewer than two examples, which cross-validation cannot learn and measure on. */
export function classesWithFew(targets: Int32Array, classes: number): number[] {
  const counts = new Int32Array(classes);
  for (const target of targets) counts[target]! += 1;
  return [...counts.keys()].filter((k) => counts[k]! < 2);
}
