import { unreadable } from "../problems.js";
import { extensionOf } from "../source/names.js";
import type { NamedFile } from "../source/source.js";
import { readCsv } from "./csv/read-csv.js";
import { readJson, readJsonLines } from "./json/read-json.js";
import type { ChooseColumns, Row, RowReader, RowReading } from "./row.js";

/** The formats of data files, by their extension in lower case. To add one, add its reader here. */
const READERS: ReadonlyMap<string, RowReader> = new Map<string, RowReader>([
  [".csv", readCsv],
  [".tsv", readCsv],
  [".jsonl", readJsonLines],
  [".ndjson", readJsonLines],
  [".json", readJson],
  [".parquet", readParquetLazily],
]);

/** The extensions of data files, for messages. */
const DATA_EXTENSIONS = [...READERS.keys()].join(", ");

/** Whether a file name has the extension of a data file. */
export function isDataFile(name: string): boolean {
  return READERS.has(extensionOf(name));
}

/** Reads the rows of a data file of any known format. */
export function readRows(
  file: NamedFile,
  choose: ChooseColumns,
  reading: RowReading,
): AsyncGenerator<Row> {
  const reader = READERS.get(extensionOf(file.source.name));
  if (reader === undefined) {
    const extension = extensionOf(file.source.name) || "no extension";
    throw unreadable(
      file.name,
      `is of a kind that cannot be read (${extension}); expected one of ${DATA_EXTENSIONS}`,
    );
  }
  return reader(file, choose, reading);
}

/** The Parquet reader and its decompressors are loaded only by those who use them. */
async function* readParquetLazily(
  file: NamedFile,
  choose: ChooseColumns,
  reading: RowReading,
): AsyncGenerator<Row> {
  const { readParquet } = await import("./parquet/read-parquet.js");
  yield* readParquet(file, choose, reading);
}
