/** Rows in memory, or as they come from elsewhere, become the same as the rows of data files. */

import type { Input, SplitName } from "@engraft/core";
import { mapInOrder } from "@engraft/core/predict";
import { type Checked, checkLabel, kindOf } from "../cells/cells.js";
import type { ReadContext } from "../context.js";
import type { Rows } from "../data-source.js";
import { imageInput, unnamedImageProblem } from "../images/image-file.js";
import { type Columns, findLabelledColumns } from "../layout/columns.js";
import { fileOfBlob, isBlob } from "../source/blob.js";
import { fileOfBytes } from "../source/memory.js";
import type { FileSource } from "../source/source.js";
import type { TableSettings } from "./collection.js";
import { FILES_AT_ONCE, type Outcome } from "./item.js";
import { checkImageInput, checkTextInput, toOutcome } from "./table.js";

/** The columns of rows are the keys of this many objects at their beginning. */
const SAMPLED = 100;

/** The splits, in their order. */
export const SPLIT_NAMES: readonly SplitName[] = ["train", "val", "test"];

/** Keys of objects that are no columns. */
const NO_COLUMNS: ReadonlySet<string> = new Set(["split", "source"]);

/** What becomes of one row, and the split that it belongs to. */
export interface RowOutcome {
  readonly split: SplitName;
  readonly outcome: Outcome<string>;
}

/** Whether a value can be gone through row by row. */
export function isRows(value: unknown): value is Rows {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

/** Reads labelled rows, in their order. */
export async function* readLabelledRows(
  rows: Rows,
  settings: TableSettings,
  context: ReadContext,
): AsyncGenerator<RowOutcome> {
  const sample: unknown[] = [];
  const names = new Set<string>();
  const iterator = iterate(rows);
  while (sample.length < SAMPLED) {
    const next = await iterator.next();
    if (next.done) break;
    sample.push(next.value);
    if (isObject(next.value)) for (const key of Object.keys(next.value)) names.add(key);
  }
  const columns = names.size > 0 ? columnsOf(names, settings) : undefined;
  let number = 0;
  yield* mapInOrder(joined(sample, iterator), FILES_AT_ONCE, async (row) => {
    number += 1;
    const { source, split } = placeOf(row, number);
    if (typeof split === "object")
      return { split: "train", outcome: { where: source, what: split.problem } };
    return { split, outcome: await toItem(row, source, columns, settings, context) };
  });
}

function columnsOf(names: ReadonlySet<string>, { columns }: TableSettings): Columns {
  const named = new Set(Object.values(columns));
  const found = [...names].filter((name) => !NO_COLUMNS.has(name) || named.has(name));
  return findLabelledColumns(found, columns, "the rows");
}

/** What messages call a row, and the split that it names, or why it names none. */
function placeOf(
  row: unknown,
  number: number,
): { readonly source: string; readonly split: SplitName | { readonly problem: string } } {
  const { source, split = "train" } = isObject(row) ? row : {};
  const name = typeof source === "string" && source !== "" ? source : `row ${number}`;
  const found = SPLIT_NAMES.find((known) => known === split);
  const problem = `has the split ${JSON.stringify(split)}; expected ${SPLIT_NAMES.join(", ")}`;
  return { source: name, split: found ?? { problem } };
}

async function* iterate(rows: Rows): AsyncGenerator<unknown> {
  yield* rows;
}

async function* joined<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}

function isObject(row: unknown): row is Readonly<Record<string, unknown>> {
  return typeof row === "object" && row !== null && !Array.isArray(row);
}

async function toItem(
  row: unknown,
  source: string,
  columns: Columns | undefined,
  settings: TableSettings,
  context: ReadContext,
): Promise<Outcome<string>> {
  if (Array.isArray(row) && row.length === 2) {
    const [input, label] = row;
    return toOutcome(source, await checkRowInput(input, source, context), checkLabel(label));
  }
  if (!isObject(row) || columns === undefined) {
    const what = Array.isArray(row) ? `a list of ${row.length}` : kindOf(row);
    return { where: source, what: `is ${what}; expected [input, label], or an object` };
  }
  const cell = cellOf(row, columns.input);
  const label = checkLabel(cellOf(row, columns.label));
  if (columns.modality === "text") return toOutcome(source, checkTextInput(cell, context), label);
  const folders = settings.imageFolder === undefined ? [] : [settings.imageFolder];
  const input =
    typeof cell === "string" && folders.length > 0
      ? await checkImageInput(cell, source, { context, folders })
      : await checkRowImage(cell, source, context);
  return toOutcome(source, input, label);
}

function cellOf(row: Readonly<Record<string, unknown>>, column: string | undefined): unknown {
  return column !== undefined && Object.hasOwn(row, column) ? row[column] : undefined;
}

/** The input of a pair: bytes and files are images, and everything else should be a text. */
function checkRowInput(
  input: unknown,
  source: string,
  context: ReadContext,
): Promise<Checked<Input>> | Checked<Input> {
  return imageFile(input, source) === undefined
    ? checkTextInput(input, context)
    : checkRowImage(input, source, context);
}

async function checkRowImage(
  cell: unknown,
  source: string,
  context: ReadContext,
): Promise<Checked<Input>> {
  if (cell === null || cell === undefined) return { problem: "the image is missing" };
  const file = imageFile(cell, source);
  if (file === undefined) {
    const advice =
      "expected its bytes or a file, or a path below the folder of the option imageFolder";
    return { problem: `the image is ${kindOf(cell)}; ${advice}` };
  }
  const what = await unnamedImageProblem(file, source, context);
  return what === undefined
    ? { value: imageInput(file, source) }
    : { problem: `the image ${what}` };
}

function imageFile(value: unknown, source: string): FileSource | undefined {
  if (value instanceof Uint8Array) return fileOfBytes(source, value);
  if (isBlob(value)) return fileOfBlob(value, value.name ?? source);
  const isFile = isObject(value) && value.kind === "file" && typeof value.slice === "function";
  return isFile ? (value as unknown as FileSource) : undefined;
}
