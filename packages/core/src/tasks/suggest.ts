import type { BaseModel } from "../bases/base.js";
import type { Input } from "../dataset/dataset.js";
import { DataError } from "../errors.js";
import { chooseToLabel } from "../evaluate/label-next.js";
import { extractFeatures } from "../features/extract.js";
import { type FeatureTable, selectFeatures } from "../features/table.js";
import { normalizeLength } from "../heads/view-matrix.js";
import { columnsOf, lastLayerRecipe } from "../heads/views.js";
import { type Matrix64, zeros64 } from "../math/matrix.js";
import type { Platform } from "../platform.js";
import { columnsRead, type PassOptions, unreadableError } from "./read-layers.js";
import { type Prediction, TaskHead, type TaskParts } from "./task-head.js";

/** An unlabelled input, and what to call it in messages. */
export interface Unlabelled {
  readonly source: string;
  readonly input: Input;
}

/** An input that is worth a label, and what the task says about it so far. */
export interface SuggestedInput extends Unlabelled {
  readonly prediction: Prediction;
  /** 1 minus the lead of the most probable label over the next: 0 is sure, 1 is torn. */
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
  const asTrained = { ...base, spec: { ...base.spec, preprocessing: manifest.preprocessing } };
  const inputs = unlabelled.map(({ input }) => input);
  const columns = columnsRead(base.spec);
  const extraction = await extractFeatures(asTrained, columns, inputs, platform, options);
  if (extraction.unreadable.length > 0 && !options.skipBad) {
    throw unreadableError(
      extraction.unreadable.map(({ position, error }) => ({
        where: unlabelled[position]!.source,
        what: error.message,
      })),
    );
  }
  const bad = new Set(extraction.unreadable.map(({ position }) => position));
  const rows = Int32Array.from(inputs.keys()).filter((row) => !bad.has(row));
  if (rows.length === 0) throw new DataError("data/empty", "There are no inputs to choose from.");

  const head = await TaskHead.open(task, platform);
  const logProbabilities = await predictRows(head, inputs, extraction.table, rows);
  const embeddings = selectFeatures(
    extraction.table,
    columnsOf(base.spec, [lastLayerRecipe(base.spec)]),
    rows,
  );
  normalizeLength(embeddings);
  const suggestions = chooseToLabel(logProbabilities, embeddings, count).map(
    ({ row, uncertainty }) => ({
      ...unlabelled[rows[row]!]!,
      prediction: head.toPrediction(logProbabilities, row),
      uncertainty,
    }),
  );
  await head.release();
  return suggestions;
}

async function predictRows(
  head: TaskHead,
  inputs: readonly Input[],
  table: FeatureTable,
  rows: Int32Array,
): Promise<Matrix64> {
  const { columns, labels } = head.manifest;
  const all = zeros64(rows.length, labels.length);
  for (let start = 0; start < rows.length; start += WINDOW) {
    const part = rows.subarray(start, start + WINDOW);
    const { data } = await head.run(
      Array.from(part, (row) => inputs[row]!),
      selectFeatures(table, columns, part).data,
    );
    all.data.set(data, start * labels.length);
  }
  return all;
}
