import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { reason, unreadable } from "./problems.js";
import type { ChooseColumns, DataFile, Row } from "./row.js";

/**
 * Reads a Parquet file, one row group and only the chosen columns at a time. `Row.position` counts
 * the rows from 1.
 */
export async function* readParquet(file: DataFile, choose: ChooseColumns): AsyncGenerator<Row> {
  const { buffer, metadata } = await open(file);
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const columns = [...choose(names)];
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const range = { file: buffer, metadata, columns, compressors, rowStart, rowEnd };
    const rows = await parquetReadObjects(range).catch((error: unknown) => {
      throw damaged(`${file.name}:${rowStart + 1}`, error);
    });
    for (const [i, row] of rows.entries()) {
      yield { position: rowStart + i + 1, values: columns.map((column) => row[column]) };
    }
    rowStart = rowEnd;
  }
}

async function open(file: DataFile): Promise<{ buffer: AsyncBuffer; metadata: FileMetaData }> {
  try {
    const buffer = await asyncBufferFromFile(file.path);
    return { buffer, metadata: await parquetMetadataAsync(buffer) };
  } catch (error) {
    const isSystemError = error instanceof Error && "syscall" in error;
    throw isSystemError ? unreadable(file.name, reason(error), error) : damaged(file.name, error);
  }
}

function damaged(where: string, error: unknown): Error {
  const detail = error instanceof Error ? error.message : String(error);
  return unreadable(where, `is not a readable Parquet file (${detail})`, error);
}
