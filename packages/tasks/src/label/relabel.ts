import type { BaseModel, Dataset, Input, Platform, Truncation } from "@engraft/core";
import {
  countLabels,
  embeddingsOf,
  type LookAlikeLabels,
  lookAlikeLabels,
} from "@engraft/core/internal";
import { withPreprocessing } from "@engraft/core/predict";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { PassOptions } from "../train/data/extract-dataset.js";
import { prepareTraining } from "../train/data/prepare-training.js";
import { predictOutOfFold } from "../train/measure/out-of-fold.js";
import { judgeLabels } from "./label-errors.js";

/** An example whose label is probably wrong. */
export interface SuspectLabel {
  readonly source: string;
  readonly input: Input;
  readonly given: string;
  readonly suggested: string;
  /** What heads say of the two that have not seen the example. */
  readonly probabilityOfGiven: number;
  readonly probabilityOfSuggested: number;
  /**
   * Share of the nearest neighbours on the frozen base that have another label, 0 to 1; undefined
   * where there are none to ask.
   */
  readonly neighboursDisagreeing: number | undefined;
}

/** What was found out about the labels of a data set. */
export interface LabelReview {
  /** Labels of the data set. */
  readonly labels: readonly string[];
  /** How many examples were judged: all that there are to train on. */
  readonly examples: number;
  /** Those that are probably wrong, the worst first. */
  readonly suspects: readonly SuspectLabel[];
  /** Labels that look alike and are different. */
  readonly lookAlikes: readonly LookAlikeLabels[];
  /** What the base did not read of the texts; undefined for images. */
  readonly truncation: Truncation | undefined;
}

/**
 * Finds training examples whose labels are probably wrong. Heads like that of a task, with its views,
 * its regularisation and its weights, are fitted to parts of the data, and each says what it thinks
 * of the examples that it has not seen. The labels of the data need not be those of the task.
 *
 * @param base - The frozen base of the task: one that was tuned on the labels would repeat them.
 * @throws DataError when examples cannot be decoded and `skipBad` is not set, or too few are left.
 */
export async function reviewLabels(
  manifest: TaskManifest,
  base: BaseModel,
  dataset: Dataset,
  platform: Platform,
  options: PassOptions,
): Promise<LabelReview> {
  const asTrained = withPreprocessing(base, manifest.preprocessing);
  const { train } = dataset.splits;
  const onlyTrain = { ...dataset, splits: { train }, unlabelled: undefined };
  const { data, examples, random } = await prepareTraining(
    asTrained,
    onlyTrain,
    manifest.config.seed,
    // Labels are judged by other labels alone.
    undefined,
    platform,
    options,
  );
  const { linearAlgebra } = platform;
  const outOfFold = await predictOutOfFold(manifest, asTrained.spec, examples, {
    linearAlgebra,
    random: random.derive("relabel"),
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const { targets, groups, table } = examples;
  const embeddings = embeddingsOf(table, asTrained.spec, targets.length);
  const suspects = await judgeLabels({ outOfFold, targets, groups, embeddings }, linearAlgebra);
  return {
    labels: data.labels,
    examples: targets.length,
    lookAlikes: lookAlikeLabels(countLabels(Array.from(targets, (target) => data.labels[target]!))),
    truncation: data.truncation,
    suspects: suspects.map(({ row, given, suggested, ...judged }) => ({
      source: data.sources[row]!,
      input: data.inputs[row]!,
      given: data.labels[given]!,
      suggested: data.labels[suggested]!,
      ...judged,
    })),
  };
}
