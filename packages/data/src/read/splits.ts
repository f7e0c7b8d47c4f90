import type { Modality, SingleLabelExample, SplitName } from "@engraft/core";
import { DataError, type DataProblem } from "@engraft/core/errors";
import { compareCodePoints } from "@engraft/core/predict";

/** The examples of each split that the data has, in the order train, val, test. */
export type Splits = Map<SplitName, SingleLabelExample[]>;

/** The labels of all splits, sorted by code point. */
export function distinctLabels(splits: Splits): string[] {
  const labels = new Set([...splits.values()].flat().map(({ target }) => target.label));
  return [...labels].sort(compareCodePoints);
}

/**
 * Removes what nothing can be learned from, and returns it as problems: the only example of a label
 * in `train`, and examples of other splits whose label `train` lacks.
 */
export function dropUnlearnable(splits: Splits): DataProblem[] {
  const counts = new Map<string, number>();
  for (const { target } of splits.get("train") ?? []) {
    counts.set(target.label, (counts.get(target.label) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const problems: DataProblem[] = [];
  for (const [split, examples] of splits) {
    const isLearnable = ({ target }: SingleLabelExample) => (counts.get(target.label) ?? 0) > 1;
    for (const { source, target } of examples.filter((example) => !isLearnable(example))) {
      const what = unlearnable(split, target.label, counts.has(target.label));
      problems.push({ where: source, what });
    }
    splits.set(split, examples.filter(isLearnable));
  }
  return problems;
}

function unlearnable(split: SplitName, label: string, isInTrain: boolean): string {
  const quoted = JSON.stringify(label);
  if (split === "train") {
    return `is the only usable example of the label ${quoted}; at least 2 are needed`;
  }
  const place = isInTrain ? "has only one example in" : "is not in";
  return `has the label ${quoted}, which ${place} the training data`;
}

/** Throws a DataError when a split, or all of the data, has no examples. */
export function requireExamples(
  splits: Splits,
  path: string,
  problems: readonly DataProblem[],
): void {
  for (const [split, examples] of splits) {
    if (examples.length > 0) continue;
    const place = splits.size > 1 ? `The split ${split} of ${path}` : path;
    const reason = problems.length > 0 ? ` left after ${problems.length} were skipped` : "";
    throw new DataError("data/empty", `${place} has no examples${reason}.`, { problems });
  }
}

/** Throws a DataError when there is no training split. */
export function requireTrainingSplit(splits: Splits, path: string): void {
  if (splits.has("train")) return;
  const found = [...splits.keys()].join(", ");
  throw new DataError(
    "data/empty",
    `${path} has no training data (found: ${found}). Name a folder or data file in it "train".`,
  );
}

/** Throws a DataError when the training split has fewer than two labels. */
export function requireTwoLabels(splits: Splits, path: string): void {
  const train = splits.get("train") ?? [];
  const labels = new Set(train.map(({ target }) => target.label));
  if (labels.size >= 2) return;
  const [only = ""] = labels;
  throw new DataError(
    "data/too-few",
    `All ${train.length} examples of ${path} have the label ${JSON.stringify(only)}; ` +
      "a classifier needs examples of at least two labels.",
  );
}

/** The modality of every example. Throws a DataError when texts and images are mixed. */
export function commonModality(splits: Splits, path: string): Modality {
  const kinds = new Map<Modality, string>();
  for (const { input, source } of [...splits.values()].flat()) {
    if (!kinds.has(input.kind)) kinds.set(input.kind, source);
  }
  const [[modality] = ["text" as const], second] = kinds;
  if (second === undefined) return modality;
  const found = [...kinds].map(([kind, source]) => `${source} is ${kind}`).join(", ");
  throw new DataError("data/invalid", `${path} mixes texts and images: ${found}.`);
}
