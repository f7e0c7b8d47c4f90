import type { BaseModel } from "../bases/base.js";
import type { BaseSpec } from "../bases/spec.js";
import type { Dataset, Input, SingleLabelExample, SplitName } from "../dataset/dataset.js";
import { DataError, type DataProblem, listProblems } from "../errors.js";
import type { OpenFeatureCache } from "../features/cache.js";
import { allColumns, COLOR_HISTOGRAM, type FeatureColumn } from "../features/columns.js";
import { extractFeatures } from "../features/extract.js";
import { type FeatureTable, selectFeatures } from "../features/table.js";
import type { LabelledFeatures } from "../heads/examples.js";
import type { Abort, OnProgress, Platform } from "../platform.js";

export interface PassOptions {
  readonly openCache: OpenFeatureCache;
  /** Go on without examples that cannot be decoded, and record them in the task. */
  readonly skipBad: boolean;
  readonly abort?: Abort | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** A data set after the pass of the base: features and targets, the training rows first. */
export interface ReadData {
  readonly labels: readonly string[];
  readonly examples: Omit<LabelledFeatures, "groups">;
  /** What each row was read from. */
  readonly inputs: readonly Input[];
  /** Rows 0 to `trainRows - 1` are the training split. */
  readonly trainRows: number;
  /** The rows of the other splits. */
  readonly otherSplits: Readonly<Record<"val" | "test", Int32Array>>;
  /** Content digest of each row. */
  readonly digests: readonly string[];
  /** What was left out, by the reader or because it could not be decoded. */
  readonly skipped: readonly DataProblem[];
}

/** The splits in the order of the rows. */
const SPLITS = ["train", "val", "test"] as const;

/**
 * Reads every layer of the base for all examples of all splits.
 *
 * @throws DataError when examples cannot be decoded and `skipBad` is not set, or when too few are left.
 */
export async function readLayers(
  base: BaseModel,
  dataset: Dataset,
  platform: Platform,
  options: PassOptions,
): Promise<ReadData> {
  const all = SPLITS.flatMap((split) =>
    (dataset.splits[split] ?? []).map((example) => ({ split, example })),
  );
  const extraction = await extractFeatures(
    base,
    columnsRead(base.spec),
    all.map(({ example }) => example.input),
    platform,
    options,
  );
  const undecoded = extraction.unreadable.map(({ position, error }) => ({
    where: all[position]!.example.source,
    what: error.message,
  }));
  if (undecoded.length > 0 && !options.skipBad) throw unreadableError(undecoded);

  const bad = new Set(extraction.unreadable.map(({ position }) => position));
  const rows = Int32Array.from(all.keys()).filter((row) => !bad.has(row));
  const kept = Array.from(rows, (row) => all[row]!);
  const rowsOf = (split: SplitName): Int32Array =>
    Int32Array.from(kept.keys()).filter((row) => kept[row]!.split === split);
  const { labels } = dataset;
  const examples = kept.map(({ example }) => example);
  const trainRows = rowsOf("train").length;
  requireTwoOfEach(examples.slice(0, trainRows), labels);
  return {
    labels,
    examples: labelledFeatures(keepRows(extraction.table, rows), examples, labels),
    inputs: examples.map(({ input }) => input),
    trainRows,
    otherSplits: { val: rowsOf("val"), test: rowsOf("test") },
    digests: Array.from(rows, (row) => extraction.digests[row]!),
    skipped: [...dataset.skipped, ...undecoded],
  };
}

/** Everything that is read of an input: one pass serves whatever is trained on it. */
export function columnsRead(spec: BaseSpec): readonly FeatureColumn[] {
  const columns = allColumns(spec);
  return spec.modality === "image" ? [...columns, COLOR_HISTOGRAM] : columns;
}

function keepRows(table: FeatureTable, rows: Int32Array): FeatureTable {
  if (rows.length === table.matrix.rows) return table;
  return { columns: table.columns, matrix: selectFeatures(table, table.columns, rows) };
}

function labelledFeatures(
  table: FeatureTable,
  examples: readonly SingleLabelExample[],
  labels: readonly string[],
): ReadData["examples"] {
  const classOf = new Map(labels.map((label, index) => [label, index]));
  const texts = examples.flatMap(({ input }) => (input.kind === "text" ? [input.text] : []));
  return {
    table,
    texts: texts.length > 0 ? texts : undefined,
    targets: Int32Array.from(examples, ({ target }) => classOf.get(target.label)!),
    classes: labels.length,
  };
}

export function unreadableError(problems: readonly DataProblem[]): DataError {
  return new DataError(
    "data/unreadable",
    `${problems.length} of the examples cannot be decoded. Repair or remove them, or go on ` +
      `without them (--skip-bad):\n${listProblems(problems, MAX_LISTED)}`,
    { problems },
  );
}

const MAX_LISTED = 20;

/** Cross-validation needs one example to learn from and one to measure on. */
function requireTwoOfEach(
  examples: readonly SingleLabelExample[],
  labels: readonly string[],
): void {
  const counts = new Map(labels.map((label) => [label, 0]));
  for (const { target } of examples) counts.set(target.label, counts.get(target.label)! + 1);
  const few = labels.filter((label) => counts.get(label)! < 2);
  if (few.length === 0) return;
  throw new DataError(
    "data/too-few",
    `Every label needs at least 2 training examples that can be decoded; too few have: ${few.join(", ")}.`,
  );
}
