import type { Dataset, FitExamples, TensorExamples } from "@engraft/core";
import type { Host } from "../host.js";
import type { DataOptions, RunOptions } from "../sources/options.js";
import type { DataPlace, ReadDatasetOptions } from "../sources/source.js";

/** What a model is trained on: labelled data, or tensors by the model's inputs. */
export type ModelTrainingData = DataPlace | FitExamples;

/** What a model is measured on. */
export type ModelTestData = DataPlace | Dataset | TensorExamples;

/** How data at a place is read. */
export type ReadingOptions = Omit<ReadDatasetOptions, "purpose">;

/** Divides flat options into how data is read, how the work is watched, and the rest. */
export function divideOptions<T extends DataOptions & RunOptions>(
  options: T,
): {
  readonly reading: ReadingOptions;
  readonly run: RunOptions;
  readonly rest: Omit<T, keyof DataOptions | keyof RunOptions>;
} {
  const {
    columns,
    header,
    imageFolder,
    maxImagePixels,
    maxTextBytes,
    skipBad,
    signal,
    onProgress,
    onWarning,
    ...rest
  } = options;
  const limits = { maxImagePixels, maxTextBytes };
  return {
    reading: { columns, header, imageFolder, ...limits, skipBad, signal, onWarning },
    run: { signal, onProgress, onWarning },
    rest,
  };
}

/** Reads data at a place; what is at hand already stays as it is. */
export async function openExamples<T extends object>(
  given: DataPlace | T,
  purpose: ReadDatasetOptions["purpose"],
  reading: ReadingOptions,
  { data }: Pick<Host, "data">,
): Promise<Dataset | T> {
  return typeof given === "string" ? data.dataset(given, { ...reading, purpose }) : given;
}
