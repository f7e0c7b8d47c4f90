import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { type ColumnOptions, findLabelledColumns } from "./columns.js";
import { detectDelimiter } from "./csv.js";
import { readRows } from "./data-file.js";
import { detectEncoding, type Encoding } from "./encoding.js";
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

/** Finds the replacement for the label of the record that begins at `start`. */
type ReplaceLabel = (
  text: string,
  start: number,
  label: string,
  column: LabelColumn,
) => Replacement;

/** The formats of which a copy with other labels can be made, by extension. */
const FORMATS: ReadonlyMap<string, (text: string) => ReplaceLabel> = new Map<
  string,
  (text: string) => ReplaceLabel
>([
  [".csv", (text) => replaceCell(detectDelimiter(text))],
  [".tsv", () => replaceCell("\t")],
  [".jsonl", () => replaceInLine],
  [".ndjson", () => replaceInLine],
]);

/** Whether {@link relabelledFile} can copy a file of this name. */
export function canRelabel(path: string): boolean {
  return FORMATS.has(extname(path).toLowerCase());
}

/**
 * A copy of a CSV, TSV or JSON Lines file with some labels changed. Everything else stays as it is:
 * other columns, order, delimiter, quotes, line ends and encoding. A line of JSON is written anew.
 *
 * @param labels - New labels by the line on which their record begins, from 1.
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
  const replace = FORMATS.get(extname(path).toLowerCase())!(text);
  const starts = lineStarts(text);
  const replacements = [...labels]
    .sort(([a], [b]) => a - b)
    .map(([line, label]) => replace(text, starts[line - 1]!, label, column));
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
  const rows = readRows(file, choose, { rowLength: Number.MAX_SAFE_INTEGER });
  await rows.next();
  await rows.return(undefined);
  return column!;
}

/** Lines end as they do for the readers of data files. */
function lineStarts(text: string): number[] {
  const ends = text.matchAll(/\r\n|\r|\n/g);
  return [0, ...Array.from(ends, (end) => end.index + end[0].length)];
}

/** The cell of a CSV record; it is quoted if it was, or has to be. */
function replaceCell(delimiter: string): ReplaceLabel {
  const cell = new RegExp(`("[^"]*(?:""[^"]*)*"|[^${delimiter}\r\n]*)${delimiter}?`, "y");
  return (text, start, label, { index }) => {
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

/** A line of JSON; a number stays a number, and a truth value one, where the new label is one too. */
const replaceInLine: ReplaceLabel = (text, start, label, { name }) => {
  const length = text.slice(start).search(/[\r\n]|$/);
  const object = JSON.parse(text.slice(start, start + length)) as Record<string, unknown>;
  object[name] = typeof object[name] === "string" ? label : unquotedIfPossible(label);
  return { start, end: start + length, text: JSON.stringify(object) };
};

function unquotedIfPossible(label: string): unknown {
  try {
    const value: unknown = JSON.parse(label);
    const isPlain = typeof value === "number" || typeof value === "boolean";
    return isPlain && String(value) === label ? value : label;
  } catch {
    return label;
  }
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
