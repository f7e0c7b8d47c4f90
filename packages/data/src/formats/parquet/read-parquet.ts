import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetSchema,
  type RowGroup,
  type SchemaElement,
} from "hyparquet";
import { MissingPart, unreadable, unusable } from "../../problems.js";
import { type FileSource, type NamedFile, reasonOf, SourceError } from "../../source/source.js";
import type { ChooseColumns, Row, RowReading } from "../row.js";
import { Damage, damaged } from "./damage.js";
import { type ColumnChunk, type Page, readPages } from "./pages.js";

/**
 * Reads a Parquet file: only the chosen columns, and of each only one page at a time, whatever the size
 * of a row group. `Row.position` counts the rows from 1.
 */
export async function* readParquet(
  file: NamedFile,
  choose: ChooseColumns,
  { unpackers }: RowReading,
): AsyncGenerator<Row> {
  const { buffer, metadata } = await open(file);
  const elements = columnsOf(metadata, file);
  const columns = choose([...elements.keys()]).map((name) => flatColumn(name, elements, file));
  let position = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    try {
      const cursors = columns.map(
        (element) => new Cursor(readPages(buffer, { ...chunkOf(group, element), unpackers })),
      );
      for (let row = 0; row < rows; row++) {
        for (const cursor of cursors) if (cursor.isAtEnd) await cursor.turn();
        const values = cursors.map((cursor) => cursor.next());
        position += 1;
        yield { position, values };
      }
    } catch (error) {
      throw damaged(`${file.name}:${position + 1}`, error);
    }
  }
}

/** Goes through the values of a column. */
class Cursor {
  readonly #pages: AsyncGenerator<Page>;
  #page: Page = { count: 0, at: () => null };
  #row = 0;

  constructor(pages: AsyncGenerator<Page>) {
    this.#pages = pages;
  }

  get isAtEnd(): boolean {
    return this.#row === this.#page.count;
  }

  /** Turns to the next page that has values. */
  async turn(): Promise<void> {
    while (this.isAtEnd) {
      const next = await this.#pages.next();
      if (next.done) throw new Damage("a column has fewer values than there are rows");
      this.#page = next.value;
      this.#row = 0;
    }
  }

  next(): unknown {
    const value = this.#page.at(this.#row);
    this.#row += 1;
    return value;
  }
}

async function open(file: NamedFile): Promise<{ buffer: AsyncBuffer; metadata: FileMetaData }> {
  try {
    const buffer = await bufferOf(file.source);
    const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
    return { buffer, metadata };
  } catch (error) {
    const isUnreadable = error instanceof SourceError;
    throw isUnreadable ? unreadable(file.name, reasonOf(error), error) : damaged(file.name, error);
  }
}

/** A file as the library reads it: some of its bytes at a time. */
async function bufferOf(source: FileSource): Promise<AsyncBuffer> {
  const byteLength = await source.size();
  return {
    byteLength,
    slice: async (start, end) => {
      const bytes = await source.slice(start, end ?? byteLength);
      const isWhole = bytes.length === bytes.buffer.byteLength;
      return (isWhole ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer;
    },
  };
}

/** The columns by name: of a list or record `undefined`. */
function columnsOf(
  metadata: FileMetaData,
  file: NamedFile,
): Map<string, SchemaElement | undefined> {
  const columns = new Map<string, SchemaElement | undefined>();
  let children: ReturnType<typeof parquetSchema>["children"];
  try {
    children = parquetSchema(metadata).children;
  } catch (error) {
    throw damaged(file.name, error);
  }
  for (const { element, children: inner } of children) {
    if (typeof element.name !== "string") {
      throw damaged(file.name, new Damage("a column has no name"));
    }
    if (columns.has(element.name)) {
      throw unusable(
        file.name,
        `the column ${JSON.stringify(element.name)} appears more than once`,
      );
    }
    const isFlat = inner.length === 0 && element.repetition_type !== "REPEATED";
    columns.set(element.name, isFlat && element.type !== undefined ? element : undefined);
  }
  return columns;
}

function flatColumn(
  name: string,
  elements: ReadonlyMap<string, SchemaElement | undefined>,
  file: NamedFile,
): SchemaElement {
  const element = elements.get(name);
  if (element !== undefined) return element;
  const what = `the column ${JSON.stringify(name)} holds lists or records where single values were expected`;
  throw new MissingPart(
    "column",
    file.name,
    `${what}; images inside of a Parquet file are not read`,
  );
}

function chunkOf(group: RowGroup, element: SchemaElement): ColumnChunk {
  const chunk = group.columns.find(({ meta_data: data }) => {
    const path = data?.path_in_schema;
    return path?.length === 1 && path[0] === element.name;
  });
  if (chunk?.meta_data === undefined) throw new Damage("a row group lacks a column");
  if (chunk.file_path) throw new Damage("a column stands in another file");
  return { metadata: chunk.meta_data, element, rows: Number(group.num_rows) };
}
