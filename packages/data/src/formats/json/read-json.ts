import { unreadable, unusable } from "../../problems.js";
import type { NamedFile } from "../../source/source.js";
import { fileText } from "../../text/encoding.js";
import { TextWindow } from "../../text/text-window.js";
import type { ChooseColumns, Row, RowReading } from "../row.js";
import { findRecords, NoTable } from "./document.js";
import { type BadRecord, type JsonRecord, objectRecord } from "./record.js";
import { skipSpace } from "./scan.js";

/** The columns of a JSON file are the keys of this many objects at its beginning. */
const SAMPLED = 100;
/** Unless it has an object a line, a JSON file is held as a whole: it must fit the longest string. */
const MAX_LENGTH = 256_000_000;

const KINDS =
  "expected an array of objects, one object a line, or a table that pandas wrote " +
  '(orient "records", "split", "columns" or "index")';

type Records = AsyncGenerator<JsonRecord | BadRecord>;

/** Reads JSON Lines, one object a line; `Row.position` is the line. Empty lines are passed over. */
export async function* readJsonLines(
  file: NamedFile,
  choose: ChooseColumns,
  { rowLength }: RowReading,
): AsyncGenerator<Row> {
  const window = new TextWindow(fileText(file.source, file.name));
  try {
    yield* chooseValues(jsonLines(window, rowLength), choose, file.name);
  } finally {
    await window.close();
  }
}

/**
 * Reads a `.json` file in the forms that {@link findRecords} knows, where `Row.position` counts the rows
 * from 1, or JSON Lines under that name.
 */
export async function* readJson(
  file: NamedFile,
  choose: ChooseColumns,
  { rowLength, notices }: RowReading,
): AsyncGenerator<Row> {
  const window = new TextWindow(fileText(file.source, file.name));
  try {
    const records = (await beginsWithLines(window, rowLength))
      ? jsonLines(window, rowLength)
      : jsonDocument(window, file.name, (what) => notices.add(file.name, what));
    yield* chooseValues(records, choose, file.name);
  } finally {
    await window.close();
  }
}

/** Whether a JSON text has an object a line, by its first two lines that are not blank. */
export function isJsonLines(text: string): boolean {
  const start = skipSpace(text, 0);
  if (text[start] !== "{") return text[start] !== "[";
  const [line = ""] = text.slice(start).split(/[\r\n]/, 1);
  if (skipSpace(text, start + line.length) === text.length) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Reads on until `isJsonLines` can be told. A line beyond the limit of rows is no line. */
async function beginsWithLines(window: TextWindow, limit: number): Promise<boolean> {
  for (;;) {
    const { text, pending, ended } = window;
    const start = skipSpace(text, 0);
    if (text[start] === "[") return false;
    const lineEnd = start === text.length ? -1 : text.slice(start).search(/[\r\n]/);
    const isTold = lineEnd !== -1 && skipSpace(text, start + lineEnd) < text.length;
    if (isTold || ended || pending > limit) return isJsonLines(text);
    await window.grow();
  }
}

async function* jsonLines(window: TextWindow, limit: number): Records {
  for (let position = 1; ; position++) {
    const line = await window.readLine(limit);
    if (line === undefined) return;
    if (line === "too long") {
      yield { position, problem: `is longer than ${limit} characters` };
    } else if (line.text.trim() !== "") {
      yield parseLine(line.text, position);
    }
  }
}

function parseLine(text: string, position: number): JsonRecord | BadRecord {
  try {
    return objectRecord(text, { start: skipSpace(text, 0), end: text.length }, position);
  } catch (error) {
    return { position, problem: notJson(error) };
  }
}

async function* jsonDocument(
  window: TextWindow,
  name: string,
  notice: (what: string) => void,
): Records {
  while (!window.ended) {
    if (window.pending > MAX_LENGTH) {
      throw unreadable(name, "is too large for one JSON value; write one object a line (.jsonl)");
    }
    await window.grow();
  }
  if (window.text.trim() === "") return;
  try {
    const { records, understood } = findRecords(window.text);
    if (understood !== undefined) notice(understood);
    yield* records;
  } catch (error) {
    if (error instanceof NoTable) throw unusable(name, `${error.message}; ${KINDS}`);
    throw unreadable(name, notJson(error), error);
  }
}

/** What is wrong with a text that `JSON.parse` or a scan refuses. */
function notJson(error: unknown): string {
  if (!(error instanceof SyntaxError)) throw error;
  return `is not valid JSON (${error.message})`;
}

/** Learns the columns from the first objects, then turns every object into a row. */
async function* chooseValues(
  records: Records,
  choose: ChooseColumns,
  name: string,
): AsyncGenerator<Row> {
  const sample: (JsonRecord | BadRecord)[] = [];
  const columns = new Set<string>();
  while (sample.length < SAMPLED) {
    const next = await records.next();
    if (next.done) break;
    sample.push(next.value);
    if ("columns" in next.value) for (const key of next.value.columns) columns.add(key);
  }
  if (sample.length === 0) return;
  const bad = sample.find((record) => "problem" in record);
  if (columns.size === 0 && bad) throw unreadable(`${name}:${bad.position}`, bad.problem);
  const chosen = choose([...columns]);
  for (const record of sample) yield toRow(record, chosen);
  for await (const record of records) yield toRow(record, chosen);
}

function toRow(record: JsonRecord | BadRecord, columns: readonly string[]): Row {
  if ("problem" in record) return record;
  const { position } = record;
  try {
    return { position, values: columns.map((column) => record.value(column)) };
  } catch (error) {
    return { position, problem: notJson(error) };
  }
}
