import { MissingPart, unreadable, unusable } from "../../problems.js";
import type { NamedFile } from "../../source/source.js";
import { fileText } from "../../text/encoding.js";
import { TextWindow } from "../../text/text-window.js";
import type { ChooseColumns, Row, RowReading } from "../row.js";
import { type CsvDialect, detectDialect } from "./dialect.js";
import { type CsvRecord, MAX_COLUMNS, RecordReader } from "./records.js";

/** What the first record says of the columns. */
interface Header {
  readonly names: readonly string[];
  /** The first record where it is a row itself. */
  readonly row?: CsvRecord;
}

/**
 * Reads CSV or TSV (RFC 4180). The delimiter of a `.csv` file is that of its line `sep=`, or else the
 * one of comma, semicolon and tab that its header has most often, or a pipe where it has none of them;
 * a `.tsv` file has tabs. Without a header the columns are called 1, 2 and so on. Empty lines are
 * passed over. `Row.position` is the line on which the record begins.
 */
export async function* readCsv(
  file: NamedFile,
  choose: ChooseColumns,
  { rowLength, header: hasHeader = true, notices }: RowReading,
): AsyncGenerator<Row> {
  const window = new TextWindow(fileText(file.source, file.name));
  try {
    await window.grow();
    const dialect = dialectOf(file, window.text);
    if (dialect.understood !== undefined) notices.add(file.name, dialect.understood);
    window.skip(dialect.skip);
    const line = dialect.skip > 0 ? 2 : 1;
    const records = new RecordReader(window, dialect.delimiter, rowLength, line);
    const header = await readHeader(records, file, hasHeader);
    if (header === undefined) return;
    const { names, row } = header;
    const wanted = chosenColumns(names, choose, file, row === undefined);
    if (row !== undefined) yield toRow(selected(row, wanted), names.length);
    for (let next = await records.next(wanted); next; next = await records.next(wanted)) {
      yield toRow(next, names.length);
    }
  } finally {
    await window.close();
  }
}

/** The dialect of a file, by its name and its beginning. */
export function dialectOf(file: NamedFile, text: string): CsvDialect {
  return /\.csv$/i.test(file.source.name) ? detectDialect(text) : { delimiter: "\t", skip: 0 };
}

async function readHeader(
  records: RecordReader,
  file: NamedFile,
  hasHeader: boolean,
): Promise<Header | undefined> {
  const first = await records.next();
  if (first === undefined) return undefined;
  const where = `${file.name}:${first.line}`;
  if ("problem" in first) throw unreadable(where, `the header cannot be read: ${first.problem}`);
  if (first.count > MAX_COLUMNS) {
    throw unusable(where, `has ${first.count} columns; the limit is ${MAX_COLUMNS}`);
  }
  if (!hasHeader) return { names: first.fields.map((_, i) => String(i + 1)), row: first };
  const names = first.fields.map((name = "") => name.trim());
  const repeated = firstRepeated(names);
  if (repeated === undefined) return { names };
  throw unusable(where, `the column ${JSON.stringify(repeated)} appears more than once`);
}

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    if (name !== "") seen.add(name);
  }
  return undefined;
}

/** The numbers of the columns that are chosen. */
function chosenColumns(
  names: readonly string[],
  choose: ChooseColumns,
  file: NamedFile,
  hasHeader: boolean,
): number[] {
  try {
    return choose(names).map((column) => names.indexOf(column));
  } catch (error) {
    if (!hasHeader || !(error instanceof MissingPart)) throw error;
    const hint =
      "The first line was taken for the header; where it is a row already, say so (option header: " +
      "false) and name columns by their numbers";
    throw new MissingPart(error.part, file.name, `${error.what}. ${hint}`, [
      ...error.remedies,
      "header",
    ]);
  }
}

/** Of a record whose fields are all there, those that are wanted. */
function selected(record: CsvRecord, wanted: readonly number[]): CsvRecord {
  if ("problem" in record) return record;
  return { ...record, fields: wanted.map((index) => record.fields[index]) };
}

function toRow(record: CsvRecord, columns: number): Row {
  const position = record.line;
  if ("problem" in record) return { position, problem: record.problem };
  if (record.count !== columns) return { position, problem: countProblem(record.count, columns) };
  return { position, values: record.fields.map((field) => compact(field ?? "")) };
}

function countProblem(found: number, expected: number): string {
  const counts = `has ${found} ${found === 1 ? "column" : "columns"} where the header has ${expected}`;
  const advice =
    found < expected
      ? "write a delimiter for every column, also for empty ones"
      : 'a value that contains the delimiter must stand in double quotes ("a, b")';
  return `${counts}; ${advice}`;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Where values of common length are encoded: a new place for each costs as much as the copy. */
const scratch = new Uint8Array(16_384);

/** A copy that does not keep the large text alive from which the value was cut. */
function compact(value: string): string {
  if (3 * value.length > scratch.length) return decoder.decode(encoder.encode(value));
  const { written } = encoder.encodeInto(value, scratch);
  return decoder.decode(scratch.subarray(0, written));
}
