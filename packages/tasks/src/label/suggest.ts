import type { BaseModel, DataProblem, Matrix32, Modality, Platform } from "@engraft/core";
import { createRandom, DataError } from "@engraft/core";
import {
  chooseToLabel,
  columnKey,
  embeddingColumns,
  embeddingsOf,
  type FeatureTable,
  findCopies,
  type Matrix64,
  marginUncertainty,
  nearDuplicateThresholds,
  rowOf,
  selectFeatures,
  selectRows,
  TEXT_LENGTH,
  textLengthsOf,
  zeros32,
  zeros64,
} from "@engraft/core/internal";
import { withPreprocessing } from "@engraft/core/predict";
import type { TaskRecord } from "../format/files/record.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { type Prediction, TaskHead, type TaskParts } from "../predict/task-head.js";
import type { NamedInput } from "../sources/source.js";
import { columnsRead, type PassOptions, readInputs } from "../train/data/extract-dataset.js";
import { contentOf } from "../train/data/group-examples.js";
import { type ClusterOfInput, chooseTypicalRows, textOf, type Unlabelled } from "./typical.js";

/** An input that is worth a label, and what the task says about it so far. */
export interface SuggestedInput extends Unlabelled, Partial<ClusterOfInput> {
  readonly prediction: Prediction;
  /** 1 minus the lead of the most probable label over the next: 0 where one is certain, 1 where both are equal. */
  readonly uncertainty: number;
}

/** How inputs were chosen: as typical of clusters without a label, or where the task is uncertain. */
export type ChosenBy = "typical" | "uncertain";

/** The inputs to label next. */
export interface SuggestedInputs {
  /** In the order in which to label them. */
  readonly suggested: readonly SuggestedInput[];
  readonly chosenBy: ChosenBy;
  /** Inputs that have a label already, or are copies of training examples or nearly so. */
  readonly passedOver: number;
  /** What could not be decoded. */
  readonly skipped: readonly DataProblem[];
}

/** Inputs predicted in one go: bounds the memory. */
const WINDOW = 4096;
/** With fewer examples of a label on average, what a task is uncertain of is chance. */
const FEW_LABELS = 4;

/** Inputs with their layers. */
interface ReadRows {
  readonly inputs: readonly NamedInput[];
  /** The same for two inputs that are the same example. */
  readonly contents: readonly string[];
  readonly table: FeatureTable;
  /** The last layer, of length 1. */
  readonly embeddings: Matrix32;
}

/** Examples that a task was trained on. */
interface KnownExamples {
  readonly contents: readonly string[];
  /** The last layer, of length 1; undefined where it cannot be compared with that of inputs. */
  readonly embeddings: Matrix32 | undefined;
}

/**
 * Chooses among unlabelled inputs those to label next: where the task is uncertain, and unlike one
 * another; with fewer than four examples of a label on average, those that are typical of clusters without
 * a label. The layers go to the cache under the same key as in training, so that training with the new
 * labels needs no pass over them.
 *
 * @param record - What the task remembers of its examples; undefined where it keeps none.
 * @throws DataError when there is nothing to choose from, or an input cannot be decoded and `skipBad`
 *   is not set.
 */
export async function suggestInputs(
  task: TaskParts,
  record: TaskRecord | undefined,
  base: BaseModel,
  inputs: readonly NamedInput[],
  count: number,
  platform: Platform,
  options: PassOptions,
): Promise<SuggestedInputs> {
  if (inputs.length === 0) throw new DataError("data/empty", "There are no inputs to choose from.");
  const { manifest } = task;
  const { rows, skipped } = await readRows(manifest, base, inputs, platform, options);
  const known = knownExamples(manifest, record);
  const left = await newRows(rows, known, manifest.modality, platform);
  if (left.length === 0) {
    throw new DataError(
      "data/empty",
      `All ${rows.inputs.length} inputs have a label already, or are copies of examples that the ` +
        "task was trained on. Give others.",
    );
  }
  const head = await TaskHead.open(task, platform);
  const logProbabilities = await predictTable(head, rows);
  const hasFew = manifest.dataset.examples < FEW_LABELS * manifest.labels.length;
  const byClusters = hasFew && known.embeddings !== undefined;
  const chosen = byClusters
    ? await chooseTypicalOnes(rows, known, left, count, manifest, platform, options.signal)
    : chooseUncertainOnes(rows, left, count, logProbabilities);
  const lengths = textLengthsOf(rows.table);
  const suggested = chosen.map(({ row, ...cluster }): SuggestedInput => {
    const { source, input } = rows.inputs[row]!;
    const prediction = head.toPrediction(logProbabilities, row, lengths?.[row]);
    const uncertainty = marginUncertainty(rowOf(logProbabilities, row));
    return { source, input, prediction, uncertainty, ...cluster };
  });
  await head.release();
  return {
    suggested,
    chosenBy: byClusters ? "typical" : "uncertain",
    passedOver: rows.inputs.length - left.length,
    skipped,
  };
}

/** Reads what choosing and predicting take of the layers. */
async function readRows(
  { columns, preprocessing }: TaskManifest,
  base: BaseModel,
  inputs: readonly NamedInput[],
  platform: Platform,
  options: PassOptions,
): Promise<{ readonly rows: ReadRows; readonly skipped: readonly DataProblem[] }> {
  const asTrained = withPreprocessing(base, preprocessing);
  const { spec } = asTrained;
  const needed = new Set([...columns, ...embeddingColumns(spec), TEXT_LENGTH].map(columnKey));
  const kept = columnsRead(spec).filter((column) => needed.has(columnKey(column)));
  const read = await readInputs(asTrained, inputs, platform, { ...options, kept });
  const decoded = Array.from(read.rows, (row) => inputs[row]!);
  const rows = {
    inputs: decoded,
    contents: decoded.map(({ input }, row) => contentOf(textOf(input), read.digests[row]!)),
    table: read.table,
    embeddings: embeddingsOf(read.table, spec, decoded.length),
  };
  return { rows, skipped: read.skipped };
}

function knownExamples(
  { fineTuning }: TaskManifest,
  record: TaskRecord | undefined,
): KnownExamples {
  return {
    contents: (record?.examples ?? []).map(({ text, digest }) => contentOf(text, digest)),
    // What a task remembers is of the frozen base.
    embeddings: fineTuning?.kept ? undefined : record?.embeddings,
  };
}

/** The rows without a label that are no copies of examples which the task was trained on. */
async function newRows(
  { inputs, contents, embeddings }: ReadRows,
  known: KnownExamples,
  modality: Modality,
  { linearAlgebra }: Platform,
): Promise<Int32Array> {
  const isKnown = new Set(known.contents);
  const unlabelled = Int32Array.from(inputs.keys()).filter(
    (row) => inputs[row]!.label === undefined && !isKnown.has(contents[row]!),
  );
  if (known.embeddings === undefined || unlabelled.length === 0) return unlabelled;
  const copies = await findCopies(
    {
      contentHashes: Array.from(unlabelled, (row) => contents[row]!),
      embeddings: selectRows(embeddings, unlabelled),
    },
    { contentHashes: known.contents, embeddings: known.embeddings },
    nearDuplicateThresholds[modality],
    linearAlgebra,
  );
  const isCopy = new Set(copies);
  return unlabelled.filter((_, index) => !isCopy.has(index));
}

/** Where the task is uncertain, and unlike one another. */
function chooseUncertainOnes(
  { embeddings }: ReadRows,
  left: Int32Array,
  count: number,
  logProbabilities: Matrix64,
): { readonly row: number }[] {
  const chosen = chooseToLabel(
    selectRows(logProbabilities, left),
    selectRows(embeddings, left),
    count,
  );
  return chosen.map(({ row }) => ({ row: left[row]! }));
}

/** Typical of clusters in which the task has no example. */
async function chooseTypicalOnes(
  rows: ReadRows,
  known: KnownExamples,
  left: Int32Array,
  count: number,
  { modality, config }: TaskManifest,
  { linearAlgebra }: Platform,
  signal: AbortSignal | undefined,
): Promise<({ readonly row: number } & ClusterOfInput)[]> {
  const examples = known.embeddings!;
  const embeddings = zeros32(left.length + examples.rows, examples.cols);
  embeddings.data.set(selectRows(rows.embeddings, left).data);
  embeddings.data.set(examples.data, left.length * examples.cols);
  const { chosen } = await chooseTypicalRows({
    embeddings,
    contents: [...Array.from(left, (row) => rows.contents[row]!), ...known.contents],
    isLabelled: Uint8Array.from({ length: embeddings.rows }, (_, at) => Number(at >= left.length)),
    modality,
    count,
    linearAlgebra,
    random: createRandom(config.seed).derive("suggest"),
    signal,
  });
  return chosen.map(({ row, ...cluster }) => ({ row: left[row]!, ...cluster }));
}

/** What the task says of every row. */
async function predictTable(head: TaskHead, { inputs, table }: ReadRows): Promise<Matrix64> {
  const { columns, labels } = head.manifest;
  const all = zeros64(inputs.length, labels.length);
  for (let start = 0; start < inputs.length; start += WINDOW) {
    const part = inputs.slice(start, start + WINDOW).map(({ input }) => input);
    const rows = Int32Array.from(part, (_, index) => start + index);
    const { data } = await head.run(part, selectFeatures(table, columns, rows).data);
    all.data.set(data, start * labels.length);
  }
  return all;
}
