import type { Dataset } from "@engraft/core";
import {
  type DataHome,
  type DataSource,
  type InputOptions,
  type InputSource,
  type NamedInput,
  type ReadOptions,
  readDataset as readNeutralDataset,
  readInputs as readNeutralInputs,
} from "@engraft/data";
import { openPath } from "../files/disk.js";
import { UNPACKERS } from "../files/unpackers.js";
import { checkImage } from "../image/header.js";

/** What reading data needs of Node: paths, the headers of images, and fast decompression. */
export const nodeData: DataHome = { open: openPath, checkImage, unpackers: UNPACKERS };

/**
 * Reads labelled data: the path of a data file (CSV, TSV, JSON Lines, JSON, Parquet) or of a folder for
 * each label or split; rows; or a data set that was read before, which is given back. Data without
 * splits is all in `train`. The order of the examples is that of the rows, or of the sorted paths. Texts
 * are held in memory, images are read when they are needed.
 *
 * @throws DataError that lists every bad row and file with its position, unless `skipBad` is set; and
 * in any case when the data as a whole cannot be used.
 * @throws UsageError when the source is none of these.
 */
export function readDataset(source: DataSource, options: ReadOptions = {}): Promise<Dataset> {
  return readNeutralDataset(source, options, nodeData);
}

/**
 * Reads what is to be predicted, in constant memory and in the order given: texts, paths of files and
 * folders, or a stream of lines, as {@link InputSource} says.
 *
 * @throws DataError for the first row or file that cannot be used, unless `onSkip` is given.
 */
export function readInputs(given: InputSource, options: InputOptions): AsyncGenerator<NamedInput> {
  return readNeutralInputs(given, options, nodeData);
}
