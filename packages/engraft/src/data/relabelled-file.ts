import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { UsageError } from "@engraft/core/errors";
import { checkLabel } from "./cells.js";
import { type ColumnOptions, findLabelledColumns } from "./columns.js";
import { dialectOf } from "./csv/read-csv.js";
import { readRows } from "./data-file.js";
import { detectEncoding, type Encoding } from "./encoding.js";
import { findRecords } from "./json/document.js";
import { isJsonLines } from "./json/read-json.js";
import { memberValue, type Span, skipSpace } from "./json/scan.js";
import { Notices } from "./notices.js";
import { readNumber } from "./number-literal.js";
import type { DataFile } from "./row.js";

/** A piece of a text, and what takes its place. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where the labels of a data file are. */
interface LabelColumn {
  readonly name: string;
  /** Its number among the columns, from 0. */
  readonly index: number;
}

/** Finds the replacement for the label of the record at a position, if there is one. */
type ReplaceLabel = (position: number, label: string) => Replacement | undefined;

/** Prepares the replacements in the text of a file. */
type LabelReplacer = (text: string, column: LabelColumn, file: DataFile) => ReplaceLabel;

/** The formats of which a copy with other labels can be made, by extension. */
const FORMATS: ReadonlyMap<string, LabelReplacer> = new Map([
  [".csv", replaceCells],
  [".tsv", replaceCells],
  [".jsonl", replaceInLines],
  [".ndjson", replaceInLines],
  [".json", replaceInJson],
]);

/** Whether {@link relabelledFile} can copy a file of this name. */
export function canRelabel(path: string): boolean {
  return FORMATS.has(extname(path).toLowerCase());
}

/**
 * A copy of a CSV, TSV, JSON Lines or JSON file with some labels changed. Every other byte stays as it
 * is: other columns, numbers, order, white space, delimiter, quotes, line ends and encoding.
 *
 * @param labels - New labels by the position of their record, as `Row.position` counts it.
 * @throws UsageError when there is no record at such a position.
 */
export async function relabelledFile(
  path: string,
  labels: ReadonlyMap<number, string>,
  columns: ColumnOptions,
): Promise<Uint8Array> {
  const file = { path, name: basename(path) };
  const column = await findLabelColumn(file, columns);
  const bytes = await readFile(path);
  const encoding = detectEncoding(bytes, file.name);
  const text = new TextDecoder(encoding.name, { ignoreBOM: true }).decode(
    bytes.subarray(encoding.mark),
  );
  const replace = FORMATS.get(extname(path).toLowerCase())!(text, column, file);
  const replacements = Array.from(labels, ([position, label]) => {
    const replacement = replace(position, label);
    if (replacement !== undefined) return replacement;
    throw new UsageError(`${file.name} has no label at ${position}. Read the file anew.`);
  }).sort((a, b) => a.start - b.start);
  const changed = encode(applyReplacements(text, replacements), encoding);
  return Buffer.concat([bytes.subarray(0, encoding.mark), changed]);
}

/** Asks the reader of the file, so that the column is the one that the labels were read from. */
async function findLabelColumn(file: DataFile, options: ColumnOptions): Promise<LabelColumn> {
  let column: LabelColumn | undefined;
  const choose = (names: readonly string[]): string[] => {
    const name = findLabelledColumns(names, options, file.name).label!;
    column = { name, index: names.indexOf(name) };
    return [name];
  };
  const rows = readRows(file, choose, {
    rowLength: Number.MAX_SAFE_INTEGER,
    header: options.header,
    notices: new Notices(),
  });
  await rows.next();
  await rows.return(undefined);
  return column!;
}

/** Lines end as they do for the readers of data files. */
function lineStarts(text: string): number[] {
  const ends = text.matchAll(/\r\n|\r|\n/g);
  return [0, ...Array.from(ends, (end) => end.index + end[0].length)];
}

/** The cells of a CSV, by line; a cell is quoted if it was, or has to be. */
function replaceCells(text: string, { index }: LabelColumn, file: DataFile): ReplaceLabel {
  const { delimiter } = dialectOf(file, text);
  const escaped = `\\${delimiter}`;
  const cell = new RegExp(`("[^"]*(?:""[^"]*)*"|[^${escaped}\r\n]*)${escaped}?`, "y");
  const starts = lineStarts(text);
  return (line, label) => {
    const start = starts[line - 1];
    if (start === undefined) return undefined;
    cell.lastIndex = start;
    for (let passed = 0; passed < index; passed++) cell.exec(text);
    const at = cell.lastIndex;
    const before = cell.exec(text)?.[1] ?? "";
    const needsQuotes = label.includes(delimiter) || /["\r\n]/.test(label);
    const isQuoted = before.startsWith('"') || needsQuotes;
    const after = isQuoted ? `"${label.replaceAll('"', '""')}"` : label;
    return { start: at, end: at + before.length, text: after };
  };
}

function replaceInLines(text: string, { name }: LabelColumn): ReplaceLabel {
  const starts = lineStarts(text);
  return (line, label) => {
    const start = skipSpace(text, starts[line - 1] ?? text.length);
    const isObject = text[start] === "{";
    return isObject ? replaceValue(text, memberValue(text, start, name), label) : undefined;
  };
}

function replaceInJson(text: string, column: LabelColumn): ReplaceLabel {
  if (isJsonLines(text)) return replaceInLines(text, column);
  const spans = new Map<number, Span | undefined>();
  for (const record of findRecords(text).records) {
    if ("span" in record) spans.set(record.position, record.span(column.name));
  }
  return (position, label) => replaceValue(text, spans.get(position), label);
}

/** A number stays a number, and a truth value one, where the new label is one too. */
function replaceValue(
  text: string,
  span: Span | undefined,
  label: string,
): Replacement | undefined {
  if (span === undefined) return undefined;
  const { start, end } = span;
  const isPlain = text[start] !== '"' && isPlainValue(label);
  return { start, end, text: isPlain ? label : JSON.stringify(label) };
}

/** Whether JSON without quotes is read as exactly this label. */
function isPlainValue(label: string): boolean {
  if (label === "true" || label === "false") return true;
  if (!/^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(label)) return false;
  const read = checkLabel(readNumber(label));
  return "value" in read && read.value === label;
}

function applyReplacements(text: string, replacements: readonly Replacement[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: replacement } of replacements) {
    parts.push(text.slice(at, start), replacement);
    at = end;
  }
  return [...parts, text.slice(at)].join("");
}

function encode(text: string, { name }: Encoding): Buffer {
  if (name === "utf-8") return Buffer.from(text);
  const bytes = Buffer.from(text, "utf16le");
  return name === "utf-16le" ? bytes : bytes.swap16();
}
