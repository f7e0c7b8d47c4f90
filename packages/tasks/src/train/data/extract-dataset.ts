import type {
  BaseModel,
  BaseSpec,
  Dataset,
  Input,
  OnProgress,
  Platform,
  SingleLabelExample,
  SplitName,
  Truncation,
  UnlabelledExample,
} from "@engraft/core";
import { DataError, type DataProblem, listProblems } from "@engraft/core";
import type {
  ExtractOptions,
  FeatureColumn,
  LabelledFeatures,
  OpenFeatureCache,
} from "@engraft/core/internal";
import {
  allColumns,
  COLOR_HISTOGRAM,
  extractFeatures,
  type FeatureTable,
  selectFeatures,
  TEXT_LENGTH,
  truncationOfTable,
} from "@engraft/core/internal";
import { targetsOf } from "@engraft/core/predict";

export interface PassOptions {
  readonly openCache: OpenFeatureCache;
  /** Go on without examples that cannot be decoded, and record them in the task. */
  readonly skipBad: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** A data set after the pass of the base: features and targets, the training rows first. */
export interface FeatureDataset {
  readonly labels: readonly string[];
  readonly examples: Omit<LabelledFeatures, "groups">;
  /** What each row was read from, and where that came from. */
  readonly inputs: readonly Input[];
  readonly sources: readonly string[];
  /** Rows 0 to `trainRows - 1` are the training split. */
  readonly trainRows: number;
  /** Rows without a label, after all others. */
  readonly unlabelled: Int32Array;
  /** The rows of the other splits. */
  readonly otherSplits: Readonly<Record<"val" | "test", Int32Array>>;
  /** Content digest of each row. */
  readonly digests: readonly string[];
  /** What was left out, by the reader or because it could not be decoded. */
  readonly skipped: readonly DataProblem[];
  /** What the base did not read of the texts, of all splits. */
  readonly truncation: Truncation | undefined;
}

/** An example of a split, or one without a label. */
type ReadExample = UnlabelledExample & { readonly target?: SingleLabelExample["target"] };

/** The splits in the order of the rows. */
const SPLITS = ["train", "val", "test"] as const;

/**
 * Reads every layer of the base for all examples of all splits.
 *
 * @throws DataError when examples cannot be decoded and `skipBad` is not set.
 */
export async function extractDataset(
  base: BaseModel,
  dataset: Dataset,
  platform: Platform,
  options: PassOptions,
): Promise<FeatureDataset> {
  const all: { split: SplitName | undefined; example: ReadExample }[] = [
    ...SPLITS.flatMap((split) =>
      (dataset.splits[split] ?? []).map((example) => ({ split, example })),
    ),
    ...(dataset.unlabelled ?? []).map((example) => ({ split: undefined, example })),
  ];
  const read = await readInputs(
    base,
    all.map(({ example }) => example),
    platform,
    options,
  );
  const kept = Array.from(read.rows, (row) => all[row]!);
  const rowsOf = (split: SplitName | undefined): Int32Array =>
    Int32Array.from(kept.keys()).filter((row) => kept[row]!.split === split);
  const { labels } = dataset;
  const examples = kept.map(({ example }) => example);
  const inputs = examples.map(({ input }) => input);
  const trainRows = rowsOf("train").length;
  const unlabelled = rowsOf(undefined);
  const labelledRows = examples.length - unlabelled.length;
  return {
    labels,
    examples: labelledFeatures(read.table, examples, labels),
    inputs,
    sources: examples.map(({ source }) => source),
    trainRows,
    unlabelled,
    otherSplits: { val: rowsOf("val"), test: rowsOf("test") },
    digests: read.digests,
    skipped: [...dataset.skipped, ...read.skipped],
    truncation: truncationOfTable(read.table, inputs.slice(0, labelledRows)),
  };
}

/** The layers of those inputs that can be decoded. */
interface ReadInputs {
  /** Which inputs they are, ascending. */
  readonly rows: Int32Array;
  /** One row for each of `rows`. */
  readonly table: FeatureTable;
  /** Content digest of each row. */
  readonly digests: readonly string[];
  readonly skipped: readonly DataProblem[];
}

/**
 * Reads every layer of the base for some inputs, and gives those back that are to be kept; by default
 * all.
 *
 * @throws DataError when inputs cannot be decoded and `skipBad` is not set.
 */
export async function readInputs(
  base: BaseModel,
  items: readonly { readonly source: string; readonly input: Input }[],
  platform: Platform,
  options: PassOptions & Pick<ExtractOptions, "kept">,
): Promise<ReadInputs> {
  const { table, digests, unreadable } = await extractFeatures(
    base,
    columnsRead(base.spec),
    items.map(({ input }) => input),
    platform,
    options,
  );
  const skipped = unreadable.map(({ position, error }) => ({
    where: items[position]!.source,
    what: error.message,
  }));
  if (skipped.length > 0 && !options.skipBad) throw unreadableError(skipped);
  const bad = new Set(unreadable.map(({ position }) => position));
  const rows = Int32Array.from(items.keys()).filter((row) => !bad.has(row));
  return {
    rows,
    table: keepRows(table, rows),
    digests: Array.from(rows, (row) => digests[row]!),
    skipped,
  };
}

/** Everything that is read of an input: one pass serves whatever is trained on it. */
export function columnsRead(spec: BaseSpec): readonly FeatureColumn[] {
  const columns = allColumns(spec);
  return [...columns, spec.modality === "image" ? COLOR_HISTOGRAM : TEXT_LENGTH];
}

function keepRows(table: FeatureTable, rows: Int32Array): FeatureTable {
  if (rows.length === table.matrix.rows) return table;
  return { columns: table.columns, matrix: selectFeatures(table, table.columns, rows) };
}

function labelledFeatures(
  table: FeatureTable,
  examples: readonly ReadExample[],
  labels: readonly string[],
): FeatureDataset["examples"] {
  const texts = examples.flatMap(({ input }) => (input.kind === "text" ? [input.text] : []));
  return {
    table,
    texts: texts.length > 0 ? texts : undefined,
    targets: targetsOf(
      examples.map(({ target }) => target),
      labels,
    ),
    classes: labels.length,
  };
}

export function unreadableError(problems: readonly DataProblem[]): DataError {
  return new DataError(
    "data/unreadable",
    `${problems.length} of the examples cannot be decoded. Repair or remove them, or go on ` +
      `without them (option skipBad):\n${listProblems(problems, MAX_LISTED)}`,
    { problems },
  );
}

const MAX_LISTED = 20;
