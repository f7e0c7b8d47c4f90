import type { DataProblem, Dataset, SingleLabelExample } from "@engraft/core";
import { readCollection } from "./collection.js";
import type { ColumnOptions } from "./columns.js";
import { isProblem } from "./item.js";
import { discoverLayout } from "./layout.js";
import { type LimitOptions, readContext } from "./limits.js";
import { invalid, MissingPart } from "./problems.js";
import {
  commonModality,
  distinctLabels,
  dropUnlearnable,
  requireExamples,
  requireTrainingSplit,
  requireTwoLabels,
  type Splits,
} from "./splits.js";

export interface ReadOptions extends ColumnOptions, LimitOptions {
  /**
   * What the data is for. To train, every label of the other splits must occur in `train`, with at
   * least two labels and two examples of each; to extend a task, there must be something in `train`;
   * to evaluate, one example is enough. Default `"train"`.
   */
  readonly purpose?: "train" | "extend" | "evaluate" | undefined;
  /** Leave out what cannot be used and list it in `Dataset.skipped`. Default: throw a DataError. */
  readonly skipBad?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Told what was understood in a way that may be wrong, or looks doubtful, without stopping the
   * reading: once for each kind, with the number of places. Default: ignored.
   */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Reads labelled data: a data file (CSV, TSV, JSON Lines, JSON, Parquet), a folder for each label,
 * a folder for each split, or a metadata file beside images. Data without splits is all in `train`.
 * The order of the examples is that of the rows, or of the sorted paths. Texts are held in memory,
 * images are read when they are needed.
 *
 * @param path A data file or a folder.
 * @throws DataError that lists every bad row and file with its position, unless `skipBad` is set; and
 * in any case when the data as a whole cannot be used.
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { splits, problems } = await readSplits(path, options);
  const { purpose = "train" } = options;
  const toTrain = purpose === "train";
  if (purpose !== "evaluate") requireTrainingSplit(splits, path);
  if (toTrain) problems.push(...dropUnlearnable(splits));
  if (problems.length > 0 && !options.skipBad) throw invalid(path, problems);
  requireExamples(splits, path, problems);
  if (toTrain) requireTwoLabels(splits, path);
  const { train = [], ...others } = Object.fromEntries(splits);
  return {
    modality: commonModality(splits, path),
    labels: distinctLabels(splits),
    splits: { train, ...others },
    skipped: problems,
  };
}

async function readSplits(
  path: string,
  options: ReadOptions,
): Promise<{ splits: Splits; problems: DataProblem[] }> {
  const context = readContext(options);
  const splits: Splits = new Map();
  const problems: DataProblem[] = [];
  for (const [split, collections] of await discoverLayout(path)) {
    const examples: SingleLabelExample[] = [];
    try {
      for (const collection of collections) {
        for await (const outcome of readCollection(collection, options, context)) {
          options.signal?.throwIfAborted();
          if (isProblem(outcome)) {
            problems.push(outcome);
          } else {
            const { source, input, label } = outcome;
            examples.push({ source, input, target: { kind: "single", label } });
          }
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
  context.notices.tell(options.onWarning);
  return { splits, problems };
}
