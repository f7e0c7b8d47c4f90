import type { BaseModel, Input, Platform } from "@engraft/core";
import { DataError } from "@engraft/core";
import {
  chooseToLabel,
  embeddingsOf,
  type FeatureTable,
  type Matrix64,
  selectFeatures,
  textLengthsOf,
  zeros64,
} from "@engraft/core/internal";
import { withPreprocessing } from "@engraft/core/predict";
import { type Prediction, TaskHead, type TaskParts } from "../predict/task-head.js";
import { type PassOptions, readInputs } from "../train/extract-dataset.js";

/** An unlabelled input, and what to call it in messages. */
export interface Unlabelled {
  readonly source: string;
  readonly input: Input;
}

/** An input that is worth a label, and what the task says about it so far. */
export interface SuggestedInput extends Unlabelled {
  readonly prediction: Prediction;
  /** 1 minus the lead of the most probable label over the next: 0 where one is certain, 1 where both are equal. */
  readonly uncertainty: number;
}

/** Inputs predicted in one go: bounds the memory. */
const WINDOW = 4096;

/**
 * Chooses among unlabelled inputs those to label next: where the task is unsure, and unlike one
 * another. The layers go to the cache under the same key as in training, so that training with the new
 * labels needs no pass over them.
 *
 * @throws DataError when there are no inputs, or one cannot be decoded and `skipBad` is not set.
 */
export async function suggestInputs(
  task: TaskParts,
  base: BaseModel,
  unlabelled: readonly Unlabelled[],
  count: number,
  platform: Platform,
  options: PassOptions,
): Promise<SuggestedInput[]> {
  const { manifest } = task;
  const asTrained = withPreprocessing(base, manifest.preprocessing);
  const { rows, table } = await readInputs(asTrained, unlabelled, platform, options);
  if (rows.length === 0) throw new DataError("data/empty", "There are no inputs to choose from.");
  const kept = Array.from(rows, (row) => unlabelled[row]!);

  const head = await TaskHead.open(task, platform);
  const logProbabilities = await predictTable(
    head,
    kept.map(({ input }) => input),
    table,
  );
  const embeddings = embeddingsOf(table, base.spec, kept.length);
  const lengths = textLengthsOf(table);
  const suggestions = chooseToLabel(logProbabilities, embeddings, count).map(
    ({ row, uncertainty }) => ({
      ...kept[row]!,
      prediction: head.toPrediction(logProbabilities, row, lengths?.[row]),
      uncertainty,
    }),
  );
  await head.release();
  return suggestions;
}

async function predictTable(
  head: TaskHead,
  inputs: readonly Input[],
  table: FeatureTable,
): Promise<Matrix64> {
  const { columns, labels } = head.manifest;
  const all = zeros64(inputs.length, labels.length);
  for (let start = 0; start < inputs.length; start += WINDOW) {
    const part = inputs.slice(start, start + WINDOW);
    const rows = Int32Array.from(part, (_, index) => start + index);
    const { data } = await head.run(part, selectFeatures(table, columns, rows).data);
    all.data.set(data, start * labels.length);
  }
  return all;
}
