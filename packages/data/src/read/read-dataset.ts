import type {
  DataProblem,
  Dataset,
  SingleLabelExample,
  SplitName,
  UnlabelledExample,
} from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { type ReadContext, readContext } from "../context.js";
import type { DataSource } from "../data-source.js";
import type { DataHome } from "../home.js";
import { discoverLayout } from "../layout/layout.js";
import type { ReadOptions } from "../options.js";
import { invalid, MissingPart } from "../problems.js";
import { readCollection, type TableSettings } from "./collection.js";
import { isProblem, type Outcome, type RowProblem } from "./item.js";
import { isOpenable, nameOf, type Openable, openSource, tableSettings } from "./open-source.js";
import { isRows, readLabelledRows, SPLIT_NAMES } from "./rows.js";
import {
  commonModality,
  distinctLabels,
  dropUnlearnable,
  requireExamples,
  requireTrainingSplit,
  requireTwoLabels,
  type Splits,
} from "./splits.js";

/** What was read, before it is known whether it can be used. */
interface Found {
  readonly splits: Splits;
  readonly problems: RowProblem[];
}

/**
 * Reads labelled data: a data file (CSV, TSV, JSON Lines, JSON, Parquet), a folder for each label,
 * a folder for each split, a metadata file beside images, or rows. Data without splits is all in
 * `train`. The order of the examples is that of the rows, or of the sorted paths. Texts are held in
 * memory, images are read when they are needed. A data set that was read before is given back.
 *
 * ```ts
 * const data = await readDataset([["Win a free cruise", "spam"], ["See you at noon", "ham"]], {
 *   purpose: "evaluate",
 * });
 * console.log(data.labels); // ["ham", "spam"]
 * ```
 *
 * @param home - Opens paths and looks at images. Default: paths are refused, and of images only the
 *   format is looked at.
 * @throws DataError that lists every bad row and file with its position, unless `skipBad` is set; and
 * in any case when the data as a whole cannot be used.
 * @throws UsageError when the source is none of these, or a path that the home cannot open.
 */
export async function readDataset(
  source: DataSource,
  options: ReadOptions = {},
  home: DataHome = {},
): Promise<Dataset> {
  if (isDataset(source)) return source;
  const context = readContext(options, home);
  const settings = await tableSettings(options, home);
  const isFile = isOpenable(source);
  const name = isFile ? nameOf(source) : "The data";
  const found = isFile
    ? await readOpened(source, options, settings, context)
    : await readRowsOf(source, options, settings, context);
  context.notices.tell(options.onWarning);
  return toDataset(found, name, options);
}

function isDataset(source: DataSource): source is Dataset {
  return typeof source === "object" && source !== null && "splits" in source && "labels" in source;
}

function toDataset(
  { splits, problems: found }: Found,
  name: string,
  options: ReadOptions,
): Dataset {
  const { purpose = "train" } = options;
  const toTrain = purpose === "train";
  const { unlabelled, problems } = setUnlabelledAside(found, toTrain);
  if (unlabelled.length > 0) {
    options.onWarning?.(
      `${name}: ${unlabelled.length} rows have no label; they are read as unlabelled examples.`,
    );
  }
  if (purpose !== "evaluate") requireTrainingSplit(splits, name);
  if (toTrain) problems.push(...dropUnlearnable(splits));
  if (problems.length > 0 && !options.skipBad) throw invalid(name, problems);
  requireExamples(splits, name, problems);
  if (toTrain) requireTwoLabels(splits, name);
  const { train = [], ...others } = Object.fromEntries(splits);
  return {
    modality: commonModality(splits, name),
    labels: distinctLabels(splits),
    splits: { train, ...others },
    ...(unlabelled.length > 0 && { unlabelled }),
    skipped: problems,
  };
}

/** So many rows without a label are no mistake. */
const LEAST_UNLABELLED = 20;

/** Takes rows that lack nothing but a label from the problems, where there are many. */
function setUnlabelledAside(
  found: readonly RowProblem[],
  toTrain: boolean,
): { unlabelled: UnlabelledExample[]; problems: DataProblem[] } {
  const unlabelled = found.flatMap((problem) => problem.unlabelled ?? []);
  const areMany = toTrain && unlabelled.length >= LEAST_UNLABELLED;
  const problems = found.filter((problem) => !areMany || problem.unlabelled === undefined);
  return {
    unlabelled: areMany ? unlabelled : [],
    problems: problems.map(({ where, what }) => ({ where, what })),
  };
}

async function readOpened(
  source: Openable,
  options: ReadOptions,
  settings: TableSettings,
  context: ReadContext,
): Promise<Found> {
  const splits: Splits = new Map();
  const problems: RowProblem[] = [];
  for (const [split, collections] of await discoverLayout(await openSource(source, context.home))) {
    try {
      const examples: SingleLabelExample[] = [];
      for (const collection of collections) {
        const outcomes = readCollection(collection, settings, context);
        for await (const outcome of outcomes) {
          options.signal?.throwIfAborted();
          sort(outcome, examples, problems);
        }
      }
      splits.set(split, examples);
    } catch (error) {
      const isUnlabelled = error instanceof MissingPart && error.part === "labels";
      // As the test data of a competition. It is not passed over where it is what is asked for.
      if (!isUnlabelled || split === "train" || options.purpose === "evaluate") throw error;
      context.notices.add(error.where, "has no labels and is left out");
    }
  }
  return { splits, problems };
}

async function readRowsOf(
  source: Exclude<DataSource, Openable | Dataset>,
  options: ReadOptions,
  settings: TableSettings,
  context: ReadContext,
): Promise<Found> {
  if (!isRows(source)) throw new UsageError(`The data is ${NO_SOURCE}`);
  const bySplit = new Map<SplitName, SingleLabelExample[]>();
  const problems: RowProblem[] = [];
  for await (const { split, outcome } of readLabelledRows(source, settings, context)) {
    options.signal?.throwIfAborted();
    const examples = bySplit.get(split) ?? [];
    bySplit.set(split, examples);
    sort(outcome, examples, problems);
  }
  if (bySplit.size === 0) bySplit.set("train", []);
  const splits: Splits = new Map();
  for (const split of SPLIT_NAMES) {
    const examples = bySplit.get(split);
    if (examples !== undefined) splits.set(split, examples);
  }
  return { splits, problems };
}

const NO_SOURCE =
  "none that can be read; expected a path, a file or folder, rows such as [[text, label], ...] or " +
  "[{ text, label }, ...], or a data set.";

/** Puts an example to the examples, or a problem to the problems. */
function sort(
  outcome: Outcome<string>,
  examples: SingleLabelExample[],
  problems: RowProblem[],
): void {
  if (isProblem(outcome)) {
    problems.push(outcome);
    return;
  }
  const { source, input, label } = outcome;
  examples.push({ source, input, target: { kind: "single", label } });
}
