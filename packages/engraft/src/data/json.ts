import { decodeText, fileBytes } from "./encoding.js";
import { unreadable } from "./problems.js";
import type { ChooseColumns, DataFile, Row, RowLimits } from "./row.js";
import { TextWindow } from "./text-window.js";

/** The columns of a JSON file are the keys of this many objects at its beginning. */
const SAMPLED = 100;
/** A JSON array is held as a whole, so it has to be smaller than the longest string. */
const MAX_ARRAY_LENGTH = 256_000_000;

type JsonObject = Readonly<Record<string, unknown>>;

type JsonRecord =
  | { readonly position: number; readonly object: JsonObject }
  | { readonly position: number; readonly problem: string };

/** Reads JSON Lines, one object a line; `Row.position` is the line. Empty lines are passed over. */
export async function* readJsonLines(
  file: DataFile,
  choose: ChooseColumns,
  { rowLength }: RowLimits,
): AsyncGenerator<Row> {
  const window = new TextWindow(decodeText(fileBytes(file.path, file.name), file.name));
  try {
    yield* chooseValues(jsonLines(window, rowLength), choose, file.name);
  } finally {
    await window.close();
  }
}

/**
 * Reads a `.json` file: an array of objects, where `Row.position` counts the objects from 1, or JSON
 * Lines under that name.
 */
export async function* readJson(
  file: DataFile,
  choose: ChooseColumns,
  { rowLength }: RowLimits,
): AsyncGenerator<Row> {
  const window = new TextWindow(decodeText(fileBytes(file.path, file.name), file.name));
  try {
    do await window.grow();
    while (window.text.trim() === "" && !window.ended);
    const isArray = window.text.trimStart().startsWith("[");
    const records = isArray ? jsonArray(window, file.name) : jsonLines(window, rowLength);
    yield* chooseValues(records, choose, file.name);
  } finally {
    await window.close();
  }
}

async function* jsonLines(window: TextWindow, limit: number): AsyncGenerator<JsonRecord> {
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

function parseLine(text: string, position: number): JsonRecord {
  try {
    return asRecord(JSON.parse(text), position);
  } catch (error) {
    return { position, problem: `is not valid JSON (${(error as Error).message})` };
  }
}

async function* jsonArray(window: TextWindow, name: string): AsyncGenerator<JsonRecord> {
  while (!window.ended) {
    if (window.pending > MAX_ARRAY_LENGTH) {
      throw unreadable(name, "is too large for a JSON array; write one object a line (.jsonl)");
    }
    await window.grow();
  }
  let items: unknown[];
  try {
    items = JSON.parse(window.text) as unknown[];
  } catch (error) {
    throw unreadable(name, `is not valid JSON (${(error as Error).message})`, error);
  }
  for (const [i, item] of items.entries()) yield asRecord(item, i + 1);
}

function asRecord(value: unknown, position: number): JsonRecord {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { position, object: value as JsonObject };
  }
  return { position, problem: 'is not a JSON object such as {"text": "...", "label": "..."}' };
}

/** Learns the columns from the first objects, then turns every object into a row. */
async function* chooseValues(
  records: AsyncGenerator<JsonRecord>,
  choose: ChooseColumns,
  name: string,
): AsyncGenerator<Row> {
  const sample: JsonRecord[] = [];
  const columns = new Set<string>();
  while (sample.length < SAMPLED) {
    const next = await records.next();
    if (next.done) break;
    sample.push(next.value);
    if ("object" in next.value) for (const key of Object.keys(next.value.object)) columns.add(key);
  }
  if (sample.length === 0) return;
  const bad = sample.find((record) => "problem" in record);
  if (columns.size === 0 && bad) throw unreadable(`${name}:${bad.position}`, bad.problem);
  const chosen = choose([...columns]);
  for (const record of sample) yield toRow(record, chosen);
  for await (const record of records) yield toRow(record, chosen);
}

function toRow(record: JsonRecord, columns: readonly string[]): Row {
  if ("problem" in record) return record;
  const { position, object } = record;
  return { position, values: columns.map((c) => (Object.hasOwn(object, c) ? object[c] : null)) };
}
