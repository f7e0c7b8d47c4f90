import type { TextWindow } from "../../text/text-window.js";

/** A record as it stands in the file, or why it cannot be read, with the line it begins on. */
export type CsvRecord =
  | {
      readonly line: number;
      /** How many fields the record has. */
      readonly count: number;
      /** Those that were asked for, in that order; `undefined` for one that it lacks. */
      readonly fields: readonly (string | undefined)[];
    }
  | { readonly line: number; readonly problem: string };

/** The most fields of a record that are read when all are asked for. */
export const MAX_COLUMNS = 1_000_000;

/** What a scan of one record found; `undefined` when the text ends before the record does. */
type Scan =
  | { readonly fields: (string | undefined)[]; readonly count: number; readonly end: number }
  | "bad quote"
  | undefined;

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const LINE_END = /\r\n|\r|\n/g;

const BAD_QUOTES =
  "has a double quote that is not closed before the next delimiter or line end; " +
  'a value in double quotes must write its own quotes doubled ("she said ""hi""")';

/**
 * Splits CSV text into records (RFC 4180). A quote inside a field that does not begin with one is an
 * ordinary character. After a record whose quotes do not match, reading goes on with the next line.
 * Blank lines are passed over.
 */
export class RecordReader {
  readonly #window: TextWindow;
  readonly #delimiter: number;
  readonly #limit: number;
  #line: number;

  /**
   * @param limit - The most UTF-16 units of a record.
   * @param line - The line on which the window begins.
   */
  constructor(window: TextWindow, delimiter: string, limit: number, line: number) {
    this.#window = window;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#limit = limit;
    this.#line = line;
  }

  /**
   * The next record; `undefined` at the end.
   *
   * @param wanted - The numbers of the fields to read, from 0. Left out: the first {@link MAX_COLUMNS}.
   */
  async next(wanted?: readonly number[]): Promise<CsvRecord | undefined> {
    const window = this.#window;
    const limit = this.#limit;
    while (window.pending > 0 || !window.ended) {
      const line = this.#line;
      const scan = scanRecord(window, this.#delimiter, wanted);
      if (scan === undefined && window.pending <= limit && !window.ended) {
        await window.grow();
      } else if (scan === undefined || scan === "bad quote") {
        const tooLong = scan === undefined && window.pending > limit;
        await window.readLine(limit);
        this.#line += 1;
        return { line, problem: tooLong ? tooLongProblem(limit) : BAD_QUOTES };
      } else {
        const raw = window.text.slice(window.position, scan.end);
        const isBlank = scan.count === 1 && raw.trim() === "";
        window.skip(raw.length);
        this.#line += raw.match(LINE_END)?.length ?? 0;
        if (!isBlank) return { line, count: scan.count, fields: scan.fields };
      }
    }
    return undefined;
  }
}

function tooLongProblem(limit: number): string {
  return `is longer than ${limit} characters, or begins with a double quote that is never closed`;
}

/** Scans a record without keeping the fields that nobody wants, however many they are. */
function scanRecord(
  { text, position, ended }: TextWindow,
  delimiter: number,
  wanted: readonly number[] | undefined,
): Scan {
  const fields: (string | undefined)[] = wanted === undefined ? [] : wanted.map(() => undefined);
  const last = wanted === undefined ? MAX_COLUMNS - 1 : Math.max(-1, ...wanted);
  let count = 0;
  let at = position;
  for (;;) {
    const isQuoted = text.charCodeAt(at) === QUOTE;
    const start = isQuoted ? at + 1 : at;
    const end = isQuoted ? closingQuote(text, start) : plainFieldEnd(text, at, delimiter);
    if (end === -1) return undefined;
    if (count <= last) {
      const field = text.slice(start, end);
      keep(fields, wanted, count, isQuoted ? field.replaceAll('""', '"') : field);
    }
    count += 1;
    at = isQuoted ? end + 1 : end;
    if (at === text.length) return ended ? { fields, count, end: at } : undefined;
    const next = text.charCodeAt(at);
    at += 1;
    if (next === LINE_FEED) return { fields, count, end: at };
    if (next === CARRIAGE_RETURN) {
      if (at === text.length && !ended) return undefined;
      return { fields, count, end: text.charCodeAt(at) === LINE_FEED ? at + 1 : at };
    }
    if (next !== delimiter) return "bad quote";
  }
}

function keep(
  fields: (string | undefined)[],
  wanted: readonly number[] | undefined,
  number: number,
  field: string,
): void {
  if (wanted === undefined) fields.push(field);
  else for (let i = 0; i < wanted.length; i++) if (wanted[i] === number) fields[i] = field;
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
