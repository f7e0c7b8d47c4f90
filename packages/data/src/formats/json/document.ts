import { type BadRecord, cellsRecord, type JsonRecord, objectRecord } from "./record.js";
import { items, type Member, members, type Span, skipSpace } from "./scan.js";

/** The rows of a JSON text, and how they were found. */
export interface JsonDocument {
  readonly records: Iterable<JsonRecord | BadRecord>;
  /** Says it where it is not a plain array of objects. */
  readonly understood?: string;
}

/** A text that is valid JSON and not a table. */
export class NoTable extends Error {}

/**
 * Finds the rows of a JSON text: an array of objects; such an array under a name of its own
 * (`{"data": [...]}`); or a table as pandas writes it with `orient="split"`, `"columns"` or
 * `"index"`, or as lists (`{"text": [...], "label": [...]}`). One object of plain values is one row.
 *
 * @throws SyntaxError when the text is not valid JSON, now or while the rows are read.
 * @throws NoTable when it can be read in several ways.
 */
export function findRecords(text: string): JsonDocument {
  const start = skipSpace(text, 0);
  if (text[start] === "[") return { records: ofObjects(text, spansOfItems(text, start)) };
  const fields = [...whole(text, members(text, start))];
  const kinds = new Set(fields.map(({ value }) => text[value.start]));
  const isOnly = (kind: string) => fields.length > 0 && kinds.size === 1 && kinds.has(kind);
  const split = splitTable(text, fields);
  if (split !== undefined) return split;
  const lists = fields.filter(({ value }) => isListOf(text, value, "{"));
  if (lists.length > 1) throw new NoTable(`has several lists of objects: ${names(lists)}`);
  if (lists.length === 1) {
    const [{ key, value }] = lists as [Member];
    const records = ofObjects(text, spansOfItems(text, value.start));
    return { records, understood: `is read as the list under ${JSON.stringify(key)}` };
  }
  if (isOnly("{")) return nestedTable(text, fields);
  if (isOnly("[")) return listsTable(text, fields);
  return { records: ofObjects(text, [{ start, end: text.length }]) };
}

function* ofObjects(text: string, spans: Iterable<Span>): Generator<JsonRecord | BadRecord> {
  let position = 0;
  for (const span of spans) {
    position += 1;
    yield objectRecord(text, span, position);
  }
}

function* spansOfItems(text: string, at: number): Generator<Span> {
  yield* at === skipSpace(text, 0) ? whole(text, items(text, at)) : items(text, at);
}

/** Goes through the outermost value, after which nothing may follow. */
function* whole<T>(text: string, parts: Generator<T, number>): Generator<T> {
  const end = skipSpace(text, yield* parts);
  if (end < text.length) {
    throw new SyntaxError(`Unexpected text after the JSON at position ${end}`);
  }
}

/** `{"columns": ["text", ...], "index": [...], "data": [["...", ...], ...]}`. */
function splitTable(text: string, fields: readonly Member[]): JsonDocument | undefined {
  const columns = fields.find(({ key }) => key === "columns")?.value;
  const data = fields.find(({ key }) => key === "data")?.value;
  if (columns === undefined || data === undefined) return undefined;
  if (text[columns.start] !== "[" || !isListOf(text, data, "[")) return undefined;
  const parsed = JSON.parse(text.slice(columns.start, columns.end)) as unknown[];
  const named = parsed.map(String);
  function* records(): Generator<JsonRecord | BadRecord> {
    let position = 0;
    for (const row of items(text, data!.start)) {
      position += 1;
      const cells = text[row.start] === "[" ? [...items(text, row.start)] : [];
      if (cells.length === named.length) {
        const byName = new Map(named.map((name, i) => [name, cells[i]!]));
        yield cellsRecord(text, byName, position);
      } else {
        yield {
          position,
          problem: `has ${cells.length} values where there are ${named.length} columns`,
        };
      }
    }
  }
  return { records: records(), understood: 'is read as a table of pandas (orient="split")' };
}

/** Objects in an object: rows by column, or columns by row; the rows have numbers for names. */
function nestedTable(text: string, fields: readonly Member[]): JsonDocument {
  const inner = [...members(text, fields[0]!.value.start)];
  if (isNumbered(inner)) {
    const columns = new Map<string, Map<string, Span>>();
    for (const { key, value } of fields) columns.set(key, spansByKey(text, value));
    const rows = inner.map(({ key }) => key);
    const records = ofColumns(text, columns, rows);
    return { records, understood: 'is read as a table of pandas (orient="columns")' };
  }
  if (isNumbered(fields)) {
    const records = ofObjects(
      text,
      fields.map(({ value }) => value),
    );
    return { records, understood: 'is read as a table of pandas (orient="index")' };
  }
  throw new NoTable("is an object of objects, and neither are named by row numbers");
}

/** `{"text": ["...", ...], "label": ["...", ...]}`. */
function listsTable(text: string, fields: readonly Member[]): JsonDocument {
  const columns = new Map<string, Map<string, Span>>();
  for (const { key, value } of fields) {
    const cells = [...items(text, value.start)];
    columns.set(key, new Map(cells.map((cell, i) => [String(i), cell])));
  }
  const sizes = new Set(Array.from(columns.values(), ({ size }) => size));
  if (sizes.size > 1) {
    throw new NoTable(`has lists of different lengths: ${[...sizes].join(", ")}`);
  }
  const rows = [...(columns.values().next().value?.keys() ?? [])];
  return { records: ofColumns(text, columns, rows), understood: "is read as one list a column" };
}

function* ofColumns(
  text: string,
  columns: ReadonlyMap<string, ReadonlyMap<string, Span>>,
  rows: readonly string[],
): Generator<JsonRecord> {
  for (const [i, row] of rows.entries()) {
    const cells = new Map<string, Span>();
    for (const [name, column] of columns) {
      const cell = column.get(row);
      if (cell !== undefined) cells.set(name, cell);
    }
    yield cellsRecord(text, cells, i + 1);
  }
}

function spansByKey(text: string, { start }: Span): Map<string, Span> {
  return new Map(Array.from(members(text, start), ({ key, value }) => [key, value]));
}

function isNumbered(fields: readonly Member[]): boolean {
  return fields.length > 0 && fields.every(({ key }) => /^\d+$/.test(key));
}

function isListOf(text: string, { start }: Span, kind: "{" | "["): boolean {
  return text[start] === "[" && text[skipSpace(text, start + 1)] === kind;
}

function names(fields: readonly Member[]): string {
  return fields.map(({ key }) => JSON.stringify(key)).join(", ");
}
