import type { Dataset, FitExamples, TensorExamples } from "@engraft/core";
import type { Host } from "../host.js";
import type { DataOptions, RunOptions } from "../sources/options.js";
import type { DataPlace, ReadDatasetOptions } from "../sources/source.js";

/** What a model is trained on: labelled data, or tensors by the model's inputs. */
export type ModelTrainingData = DataPlace | FitExamples;

/** What a model is measured on. */
export type ModelTestData = DataPlace | Dataset | TensorExamples;

/** Reads data at a place; what is at hand already stays as it is. */
export async function openExamples<T extends object>(
  given: DataPlace | T,
  purpose: ReadDatasetOptions["purpose"],
  options: DataOptions & RunOptions,
  { data }: Pick<Host, "data">,
): Promise<Dataset | T> {
  if (typeof given !== "string") return given;
  const { columns, header, imageFolder, maxImagePixels, maxTextBytes, skipBad } = options;
  const { signal, onWarning } = options;
  const limits = { maxImagePixels, maxTextBytes };
  const reading = { columns, header, imageFolder, ...limits, skipBad, signal, onWarning };
  return data.dataset(given, { ...reading, purpose });
}
