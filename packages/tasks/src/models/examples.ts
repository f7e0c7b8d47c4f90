import type { Dataset, FitExamples, TensorExamples } from "@engraft/core";
import type { Host } from "../host.js";
import type { ReadingOptions, RunOptions } from "../sources/options.js";
import type { DataSource, ReadDatasetOptions } from "../sources/source.js";

/** Tensors to train and validate on. */
export type TensorSplits = Exclude<FitExamples, Dataset>;

/** What a model is trained on: labelled data, or tensors by the model's inputs. */
export type ModelTrainingData = DataSource | TensorSplits;

/** What a model is measured on. */
export type ModelTestData = DataSource | TensorExamples;

/** Divides flat options into how data is read, how the work is watched, and the rest. */
export function divideOptions<T extends ReadingOptions & RunOptions>(
  options: T,
): {
  readonly reading: Omit<ReadDatasetOptions, "purpose">;
  readonly run: RunOptions;
  readonly rest: Omit<T, keyof ReadingOptions | keyof RunOptions>;
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

/** Reads labelled data, wherever it comes from; tensors stay as they are. */
export async function openExamples<T extends object>(
  given: DataSource | T,
  purpose: ReadDatasetOptions["purpose"],
  reading: Omit<ReadDatasetOptions, "purpose">,
  host: Pick<Host, "data">,
): Promise<Dataset | T> {
  if (isTensors<T>(given)) return given;
  return host.data.dataset(given, { ...reading, purpose });
}

/** Tensors are given by the parts that they are for. */
function isTensors<T extends object>(given: DataSource | T): given is T {
  return typeof given === "object" && given !== null && ("train" in given || "inputs" in given);
}
