import { decodeText, fileBytes } from "./encoding.js";
import { unreadable, unusable } from "./problems.js";
import type { ChooseColumns, DataFile, Row, RowReading } from "./row.js";
import { TextWindow } from "./text-window.js";

/** A record as it stands in the file, or why it cannot be read, with the line it begins on. */
type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly problem: string };

/** What a scan of one record found; `undefined` when the text ends before the record does. */
type Scan = { readonly fields: readonly string[]; readonly end: number } | "bad quote" | undefined;

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const LINE_END = /\r\n|\r|\n/g;

const BAD_QUOTES =
  "has a double quote that is not closed before the next delimiter or line end; " +
  'a value in double quotes must write its own quotes doubled ("she said ""hi""")';

/**
 * Reads CSV or TSV (RFC 4180) with a header line. The delimiter of a `.csv` file is whichever of
 * comma, semicolon and tab its header has most often; a `.tsv` file has tabs. Empty lines are passed
 * over. `Row.position` is the line on which the record begins.
 */
export async function* readCsv(
  file: DataFile,
  choose: ChooseColumns,
  { rowLength }: RowReading,
): AsyncGenerator<Row> {
  const window = new TextWindow(decodeText(fileBytes(file.path, file.name), file.name));
  try {
    await window.grow();
    const delimiter = /\.csv$/i.test(file.path) ? detectDelimiter(window.text) : "\t";
    const records = readRecords(window, delimiter, rowLength);
    const header = await readHeader(records, file);
    if (header === undefined) return;
    const indices = choose(header).map((column) => header.indexOf(column));
    for await (const record of records) {
      const position = record.line;
      if ("problem" in record) {
        yield { position, problem: record.problem };
      } else if (record.fields.length !== header.length) {
        yield { position, problem: columnCountProblem(record.fields.length, header.length) };
      } else {
        yield { position, values: indices.map((index) => compact(record.fields[index]!)) };
      }
    }
  } finally {
    await window.close();
  }
}

async function readHeader(
  records: AsyncGenerator<CsvRecord, undefined>,
  file: DataFile,
): Promise<string[] | undefined> {
  const { value: first } = await records.next();
  if (first === undefined) return undefined;
  const where = `${file.name}:${first.line}`;
  if ("problem" in first) throw unreadable(where, `the header cannot be read: ${first.problem}`);
  const header = first.fields.map((name) => name.trim());
  const repeated = header.find((name, i) => name !== "" && header.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw unusable(where, `the column ${JSON.stringify(repeated)} appears more than once`);
  }
  return header;
}

function columnCountProblem(found: number, expected: number): string {
  return (
    `has ${found} ${found === 1 ? "column" : "columns"} where the header has ${expected}; ` +
    'a value that contains the delimiter must stand in double quotes ("a, b")'
  );
}

/** A copy that does not keep the large text alive from which the value was cut. */
function compact(value: string): string {
  return Buffer.from(value).toString();
}

/** The delimiter that stands most often, outside quotes, in the first line that is not blank. */
export function detectDelimiter(text: string): string {
  const header =
    text
      .trimStart()
      .replaceAll(/"(?:[^"]|"")*"/g, "")
      .split(/[\r\n]/, 1)[0] ?? "";
  const count = (delimiter: string) => header.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
}

/**
 * Splits CSV text into records. A quote inside a field that does not begin with one is an ordinary
 * character. After a record whose quotes do not match, reading goes on with the next line.
 */
async function* readRecords(
  window: TextWindow,
  delimiter: string,
  limit: number,
): AsyncGenerator<CsvRecord, undefined> {
  let line = 1;
  while (window.pending > 0 || !window.ended) {
    const scan = scanRecord(window, delimiter.charCodeAt(0));
    if (scan === undefined && window.pending <= limit && !window.ended) {
      await window.grow();
    } else if (scan === undefined || scan === "bad quote") {
      const tooLong = scan === undefined && window.pending > limit;
      yield { line, problem: tooLong ? tooLongProblem(limit) : BAD_QUOTES };
      await window.readLine(limit);
      line += 1;
    } else {
      const raw = window.text.slice(window.position, scan.end);
      const isBlank = scan.fields.length === 1 && raw.trim() === "";
      window.skip(raw.length);
      if (!isBlank) yield { line, fields: scan.fields };
      line += raw.match(LINE_END)?.length ?? 0;
    }
  }
  return undefined;
}

function tooLongProblem(limit: number): string {
  return `is longer than ${limit} characters, or begins with a double quote that is never closed`;
}

function scanRecord({ text, position, ended }: TextWindow, delimiter: number): Scan {
  const fields: string[] = [];
  let at = position;
  for (;;) {
    if (text.charCodeAt(at) === QUOTE) {
      const close = closingQuote(text, at + 1);
      if (close === -1) return undefined;
      fields.push(text.slice(at + 1, close).replaceAll('""', '"'));
      at = close + 1;
    } else {
      const end = plainFieldEnd(text, at, delimiter);
      fields.push(text.slice(at, end));
      at = end;
    }
    if (at === text.length) return ended ? { fields, end: at } : undefined;
    const next = text.charCodeAt(at);
    at += 1;
    if (next === LINE_FEED) return { fields, end: at };
    if (next === CARRIAGE_RETURN) {
      if (at === text.length && !ended) return undefined;
      return { fields, end: text.charCodeAt(at) === LINE_FEED ? at + 1 : at };
    }
    if (next !== delimiter) return "bad quote";
  }
}

/** Index of the first quote that is not doubled, or -1. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

function plainFieldEnd(text: string, from: number, delimiter: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === delimiter || unit === LINE_FEED || unit === CARRIAGE_RETURN) break;
  }
  return at;
}
