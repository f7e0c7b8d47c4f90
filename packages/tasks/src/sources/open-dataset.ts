import type { Dataset } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { Host } from "../host.js";
import { isIterable } from "./open-inputs.js";
import { datasetOfRows } from "./rows.js";
import type { DataSource, LabelledRow, ReadDatasetOptions } from "./source.js";

/**
 * Labelled data as a data set, wherever it comes from.
 *
 * @throws UsageError when there is nothing at a place, or it is no data.
 * @throws DataError when the data cannot be used.
 */
export async function openDataset(
  source: DataSource,
  { data }: Pick<Host, "data">,
  options: ReadDatasetOptions,
): Promise<Dataset> {
  if (typeof source === "string") return data.dataset(source, options);
  if (isDataset(source)) return source;
  if (isIterable<LabelledRow>(source)) return datasetOfRows(source, data, options);
  throw new UsageError(
    "Data is a place, a data set, or rows such as [text, label]; something else is given.",
  );
}

function isDataset(source: unknown): source is Dataset {
  return typeof source === "object" && source !== null && "splits" in source;
}
