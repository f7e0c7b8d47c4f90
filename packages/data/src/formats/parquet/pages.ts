import type { AsyncBuffer, ColumnMetaData, PageHeader, SchemaElement } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { deltaBinaryUnpack, deltaLengthByteArray } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import type { Unpack } from "../../home.js";
import { concatBytes } from "../../source/bytes.js";
import { Damage } from "./damage.js";
import { decompress, MAX_PAGE_BYTES, requireSize } from "./decompress.js";
import { type Indices, readHybrid } from "./hybrid.js";
import { cellReader, type ToCell } from "./values.js";

/** Most values of a page: each takes a few bytes, however few they have in the file. */
const MAX_PAGE_VALUES = 2 ** 25;
/** A header is looked for in so many bytes, and in more where it has long statistics. */
const HEADER_BYTES = [4096, 65_536, 16_777_216];

/** The values of one page of a column. */
export interface Page {
  readonly count: number;
  /** The value of a row of the page; `null` where it has none. */
  at(row: number): unknown;
}

/** Values as they are stored, by their number; those of a dictionary are made once. */
type Stored = ArrayLike<unknown>;

/** A part of a column as the file stores it: where it is, and what it holds. */
export interface ColumnChunk {
  readonly metadata: ColumnMetaData;
  readonly element: SchemaElement;
  /** The rows of the row group. */
  readonly rows: number;
  readonly unpackers?: ReadonlyMap<string, Unpack> | undefined;
}

/**
 * Reads a column of a row group page by page; only one page, and the dictionary, are in memory. Sizes
 * are looked at before anything is unpacked.
 *
 * @throws Damage, or what a decoder throws, when the file is not as it says.
 */
export async function* readPages(file: AsyncBuffer, chunk: ColumnChunk): AsyncGenerator<Page> {
  const { metadata, element } = chunk;
  const toCell = cellReader(element);
  let dictionary: Stored | undefined;
  let [at, end] = byteRange(file, metadata);
  let rows = 0;
  while (at < end && rows < chunk.rows) {
    const { header, length } = await readPageHeader(file, at, end);
    requireSize(header.compressed_page_size);
    requireSize(header.uncompressed_page_size);
    const start = at + length;
    at = start + header.compressed_page_size;
    if (at > end) throw new Damage("a page ends beyond its column");
    if (header.type === "INDEX_PAGE") continue;
    const bytes = new Uint8Array(await file.slice(start, at));
    if (header.type === "DICTIONARY_PAGE") {
      dictionary = await readDictionary(bytes, header, chunk, toCell);
    } else {
      const page = await readDataPage(bytes, header, { ...chunk, dictionary, toCell });
      rows += page.count;
      yield page;
    }
  }
}

function byteRange(file: AsyncBuffer, metadata: ColumnMetaData): [start: number, end: number] {
  const data = Number(metadata.data_page_offset);
  const dictionary = Number(metadata.dictionary_page_offset ?? 0);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const end = start + Number(metadata.total_compressed_size);
  if (start >= 4 && end > start && end <= file.byteLength) return [start, end];
  throw new Damage("a column stands outside of the file");
}

async function readPageHeader(
  file: AsyncBuffer,
  at: number,
  end: number,
): Promise<{ header: PageHeader; length: number }> {
  let failure: unknown;
  for (const size of HEADER_BYTES) {
    const view = new DataView(await file.slice(at, Math.min(end, at + size)));
    const reader = { view, offset: 0 };
    try {
      const header = parquetHeader(reader);
      return { header, length: reader.offset };
    } catch (error) {
      failure = error;
      if (at + size >= end) break;
    }
  }
  throw failure;
}

async function readDictionary(
  bytes: Uint8Array,
  header: PageHeader,
  { metadata, element, unpackers }: ColumnChunk,
  toCell: ToCell,
): Promise<Stored> {
  const count = checkedCount(header.dictionary_page_header?.num_values);
  const length = header.uncompressed_page_size;
  const page = await decompress(bytes, length, metadata.codec, unpackers);
  const stored = readPlain(readerOf(page), metadata.type, count, element.type_length) as Stored;
  return Array.from({ length: count }, (_, i) => toCell(stored[i]));
}

interface PageContext extends ColumnChunk {
  readonly dictionary: Stored | undefined;
  readonly toCell: ToCell;
}

/** Unpacks a page to the length that it says. */
type UnpackPage = (packed: Uint8Array, length: number) => Promise<Uint8Array>;

/** The parts of a page of data, of either version. */
interface PageParts {
  readonly count: number;
  readonly encoding: string;
  /** Which values are there, encoded; `undefined` where all are. */
  readonly levels: Uint8Array | undefined;
  readonly values: Uint8Array;
}

async function readDataPage(
  bytes: Uint8Array,
  header: PageHeader,
  context: PageContext,
): Promise<Page> {
  const isOptional = context.element.repetition_type !== "REQUIRED";
  const { codec } = context.metadata;
  const unpack: UnpackPage = (packed, length) =>
    decompress(packed, length, codec, context.unpackers);
  const { count, encoding, levels, values } =
    header.type === "DATA_PAGE_V2"
      ? await partsOfV2(bytes, header, unpack)
      : await partsOfV1(bytes, header, unpack, isOptional);
  const present = levels === undefined ? undefined : readHybrid(levels, 1, count);
  const places = present === undefined ? undefined : placesOf(present);
  const valueCount = places === undefined ? count : places.total;
  const valueAt = readValues(values, encoding, valueCount, context);
  if (places === undefined) return { count, at: valueAt };
  return {
    count,
    at: (row) => (present![row] === 0 ? null : valueAt(places.before(row))),
  };
}

async function partsOfV1(
  bytes: Uint8Array,
  header: PageHeader,
  unpack: UnpackPage,
  isOptional: boolean,
): Promise<PageParts> {
  const data = header.data_page_header;
  if (data === undefined) throw new Damage(`a page of the type ${header.type} is not read`);
  const count = checkedCount(data.num_values);
  const page = await unpack(bytes, header.uncompressed_page_size);
  if (!isOptional) return { count, encoding: data.encoding, levels: undefined, values: page };
  if (data.definition_level_encoding !== "RLE") {
    throw new Damage(`levels encoded as ${data.definition_level_encoding} are not read`);
  }
  const end = 4 + readerOf(page).view.getUint32(0, true);
  if (end > page.length) throw new Damage("levels end beyond their page");
  const values = page.subarray(end);
  return { count, encoding: data.encoding, levels: page.subarray(4, end), values };
}

async function partsOfV2(
  bytes: Uint8Array,
  header: PageHeader,
  unpack: UnpackPage,
): Promise<PageParts> {
  const data = header.data_page_header_v2;
  if (data === undefined) throw new Damage("a page has no header of its data");
  const count = checkedCount(data.num_values);
  const { repetition_levels_byte_length: first, definition_levels_byte_length: second } = data;
  const start = first + second;
  if (first < 0 || second < 0 || start > bytes.length)
    throw new Damage("levels end beyond their page");
  const packed = bytes.subarray(start);
  const isPacked = data.is_compressed !== false;
  const values = isPacked ? await unpack(packed, header.uncompressed_page_size - start) : packed;
  const levels = second === 0 ? undefined : bytes.subarray(first, start);
  return { count, encoding: data.encoding, levels, values };
}

/** How many values stand before a row, for rows that are asked for in order. */
function placesOf(present: Indices): { total: number; before(row: number): number } {
  let total = 0;
  for (const level of present) total += level;
  let at = 0;
  let before = 0;
  return {
    total,
    before(row) {
      if (row < at) [at, before] = [0, 0];
      for (; at < row; at++) before += present[at]!;
      return before;
    },
  };
}

/** Reads the values of a page; they are made into cells when they are asked for. */
function readValues(
  bytes: Uint8Array,
  encoding: string,
  count: number,
  context: PageContext,
): (index: number) => unknown {
  if (encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY") {
    return dictionaryValues(bytes, count, context.dictionary);
  }
  const stored = plainValues(bytes, encoding, count, context);
  return (index) => context.toCell(stored[index]);
}

function dictionaryValues(
  bytes: Uint8Array,
  count: number,
  dictionary: Stored | undefined,
): (index: number) => unknown {
  if (dictionary === undefined) throw new Damage("a column has no dictionary");
  const [width = 0] = bytes;
  const indices = readHybrid(bytes.subarray(1), width, count);
  return (index) => {
    const number = indices[index]!;
    if (number < dictionary.length) return dictionary[number];
    throw new Damage(`value ${number} of a dictionary of ${dictionary.length} is asked for`);
  };
}

function plainValues(
  bytes: Uint8Array,
  encoding: string,
  count: number,
  { metadata: { type }, element }: PageContext,
): Stored {
  if (count === 0) return [];
  const reader = readerOf(bytes);
  switch (encoding) {
    case "PLAIN":
      return readPlain(reader, type, count, element.type_length) as Stored;
    case "RLE":
      if (type !== "BOOLEAN") break;
      return Array.from(readHybrid(bytes.subarray(4), 1, count), (bit) => bit === 1);
    case "DELTA_BINARY_PACKED": {
      const numbers = type === "INT32" ? new Int32Array(count) : new BigInt64Array(count);
      deltaBinaryUnpack(reader, count, numbers);
      return numbers;
    }
    case "DELTA_LENGTH_BYTE_ARRAY": {
      const texts: Uint8Array[] = [];
      deltaLengthByteArray(reader, count, texts);
      return texts;
    }
    case "DELTA_BYTE_ARRAY":
      return sharedPrefixes(reader, count);
    case "BYTE_STREAM_SPLIT":
      return byteStreamSplit(reader, count, type, element.type_length) as Stored;
  }
  throw new Damage(`values of the type ${type} encoded as ${encoding} are not read`);
}

/** Texts that repeat the beginning of the one before: their length in all is looked at first. */
function sharedPrefixes(reader: { view: DataView; offset: number }, count: number): Uint8Array[] {
  const prefixes = new Int32Array(count);
  deltaBinaryUnpack(reader, count, prefixes);
  const suffixes: Uint8Array[] = [];
  deltaLengthByteArray(reader, count, suffixes);
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += prefixes[i]! + suffixes[i]!.length;
  if (bytes > MAX_PAGE_BYTES) requireSize(bytes);
  let before: Uint8Array = new Uint8Array(0);
  return suffixes.map((suffix, i) => {
    const prefix = prefixes[i]!;
    if (prefix < 0 || prefix > before.length) throw new Damage("a text repeats more than there is");
    before = prefix === 0 ? suffix : concatBytes(before.subarray(0, prefix), suffix);
    return before;
  });
}

function checkedCount(count: number | undefined): number {
  if (count !== undefined && count >= 0 && count <= MAX_PAGE_VALUES) return count;
  throw new Damage(
    `a page has ${count} values; the limit is ${MAX_PAGE_VALUES}. Write the file with smaller pages`,
  );
}

function readerOf(bytes: Uint8Array): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}
