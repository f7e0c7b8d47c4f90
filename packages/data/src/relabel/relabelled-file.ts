import { UsageError } from "@engraft/core/errors";
import { checkLabel } from "../cells/cells.js";
import { readNumber } from "../cells/number-literal.js";
import { dialectOf } from "../formats/csv/read-csv.js";
import { readRows } from "../formats/data-file.js";
import { findRecords } from "../formats/json/document.js";
import { isJsonLines } from "../formats/json/read-json.js";
import { memberValue, type Span, skipSpace } from "../formats/json/scan.js";
import { findLabelledColumns } from "../layout/columns.js";
import { Notices } from "../notices.js";
import type { DataOptions } from "../options.js";
import { unreadable } from "../problems.js";
import { concatBytes } from "../source/bytes.js";
import { baseName, extensionOf } from "../source/names.js";
import { type FileSource, type NamedFile, reasonOf } from "../source/source.js";
import { detectEncoding, type Encoding } from "../text/encoding.js";

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
type LabelReplacer = (text: string, column: LabelColumn, file: NamedFile) => ReplaceLabel;

/** The options with which the labels were read from the file. */
export type RelabelOptions = Pick<DataOptions, "columns" | "header" | "imageFolder">;

/** The formats of which a copy with other labels can be made, by extension. */
const FORMATS: ReadonlyMap<string, LabelReplacer> = new Map([
  [".csv", replaceCells],
  [".tsv", replaceCells],
  [".jsonl", replaceInLines],
  [".ndjson", replaceInLines],
  [".json", replaceInJson],
]);

/** Whether {@link relabelledFile} can copy a file of this name. */
export function canRelabel(name: string): boolean {
  return FORMATS.has(extensionOf(baseName(name)));
}

/**
 * A copy of a CSV, TSV, JSON Lines or JSON file with some labels changed. Every other byte stays as it
 * is: other columns, numbers, order, white space, delimiter, quotes, line ends and encoding.
 *
 * @param labels - New labels by the position of their record, as `Row.position` counts it.
 * @throws UsageError when there is no record at such a position.
 */
export async function relabelledFile(
  source: FileSource,
  labels: ReadonlyMap<number, string>,
  options: RelabelOptions = {},
): Promise<Uint8Array> {
  const file = { source, name: source.name };
  const column = await findLabelColumn(file, options);
  const bytes = await source.bytes().catch((error: unknown) => {
    throw unreadable(file.name, reasonOf(error), error);
  });
  const encoding = detectEncoding(bytes, file.name);
  const text = new TextDecoder(encoding.name, { ignoreBOM: true }).decode(
    bytes.subarray(encoding.mark),
  );
  const replace = FORMATS.get(extensionOf(source.name))!(text, column, file);
  const replacements = Array.from(labels, ([position, label]) => {
    const replacement = replace(position, label);
    if (replacement !== undefined) return replacement;
    throw new UsageError(`${file.name} has no label at ${position}. Read the file anew.`);
  }).sort((a, b) => a.start - b.start);
  const changed = encode(applyReplacements(text, replacements), encoding);
  return concatBytes(bytes.subarray(0, encoding.mark), changed);
}

/** Asks the reader of the file, so that the column is the one that the labels were read from. */
async function findLabelColumn(file: NamedFile, options: RelabelOptions): Promise<LabelColumn> {
  let column: LabelColumn | undefined;
  const choose = (names: readonly string[]): string[] => {
    const wanted = { ...options.columns, hasImageFolder: options.imageFolder !== undefined };
    const name = findLabelledColumns(names, wanted, file.name).label!;
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
function replaceCells(text: string, { index }: LabelColumn, file: NamedFile): ReplaceLabel {
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

function encode(text: string, { name }: Encoding): Uint8Array {
  if (name === "utf-8") return new TextEncoder().encode(text);
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) {
    view.setUint16(2 * i, text.charCodeAt(i), name === "utf-16le");
  }
  return new Uint8Array(view.buffer);
}
