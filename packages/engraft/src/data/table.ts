import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Input } from "@engraft/core";
import { type Checked, checkText, kindOf } from "./cells.js";
import type { Columns } from "./columns.js";
import { readRows } from "./data-file.js";
import { imageInput, imageProblem, isImage } from "./images.js";
import { FILES_AT_ONCE, type Outcome } from "./item.js";
import type { ReadContext } from "./limits.js";
import { mapInOrder } from "./order.js";
import type { DataFile, Row } from "./row.js";

/** Extensions that are tried for an image that is named without one. */
const TRIED = [".jpg", ".jpeg", ".png", ".JPG", ".webp", ".bmp", ".tif"];

/** How many times longer than a text a whole row may be. */
const ROW_TO_TEXT = 8;

export interface TableOptions<L extends string | undefined> {
  /** The folders to which the paths of images may be relative: the first that has the image counts. */
  readonly folders: readonly string[];
  /** Finds the columns that are wanted; what it throws ends the reading. */
  readonly choose: (names: readonly string[]) => Columns;
  /** Reads a label from the value of the label column. */
  readonly toLabel: (value: unknown) => Checked<L>;
  readonly context: ReadContext;
  /** Whether the first record of a CSV names the columns. Default true. */
  readonly header?: boolean | undefined;
  /** Receives the path of every image that a row names. */
  readonly onImage?: (path: string) => void;
}

/** Reads the rows of a data file as items. Holds no more than a few rows at a time. */
export async function* readTable<L extends string | undefined>(
  file: DataFile,
  options: TableOptions<L>,
): AsyncGenerator<Outcome<L>> {
  let columns: Columns | undefined;
  const choose = (names: readonly string[]): string[] => {
    columns = options.choose(names);
    return columns.label === undefined ? [columns.input] : [columns.input, columns.label];
  };
  const { maxTextBytes, notices } = options.context;
  const { header } = options;
  const reading = { rowLength: ROW_TO_TEXT * maxTextBytes, header, notices };
  const rows = readRows(file, choose, reading);
  yield* mapInOrder(rows, FILES_AT_ONCE, (row) =>
    toItem(row, `${file.name}:${row.position}`, columns as Columns, options),
  );
}

async function toItem<L extends string | undefined>(
  row: Row,
  source: string,
  columns: Columns,
  options: TableOptions<L>,
): Promise<Outcome<L>> {
  if ("problem" in row) return { where: source, what: row.problem };
  const [inputCell, labelCell] = row.values;
  const input = await checkInput(inputCell, source, columns, options);
  const label = options.toLabel(labelCell);
  if ("value" in input && "value" in label) {
    return { source, input: input.value, label: label.value };
  }
  const found = [input, label].flatMap((c) => ("problem" in c ? [c.problem] : []));
  return { where: source, what: found.join("; ") };
}

async function checkInput(
  cell: unknown,
  source: string,
  columns: Columns,
  { context, folders, onImage }: TableOptions<string | undefined>,
): Promise<Checked<Input>> {
  if (columns.modality === "text") {
    const text = checkText(cell, context.maxTextBytes);
    return "problem" in text ? text : { value: { kind: "text", text: text.value } };
  }
  if (cell === null || cell === undefined || cell === "")
    return { problem: "the image is missing" };
  if (typeof cell !== "string") {
    return { problem: `the image is ${kindOf(cell)} where the path of a file was expected` };
  }
  if (/^https?:/i.test(cell))
    return { problem: `the image ${cell} is not a file; download it first` };
  const path = await findImage(cell, source, folders, context);
  onImage?.(path);
  const what = await imageProblem(path, source, context);
  return what === undefined
    ? { value: imageInput(path, source) }
    : { problem: `the image ${JSON.stringify(cell)} ${what}` };
}

/** Where an image is: in the first folder that has it, or else missing in the first. */
async function findImage(
  cell: string,
  source: string,
  [folder, ...others]: readonly string[],
  context: ReadContext,
): Promise<string> {
  const path = await findIn(folder!, cell, source, context);
  if (others.length === 0 || (await exists(path))) return path;
  for (const other of others) {
    const found = await findIn(other, cell, source, context);
    if (!(await exists(found))) continue;
    context.notices.add(source, `has its image in ${other}, where the task had its images`);
    return found;
  }
  return path;
}

/** Where an image is: as its row says, or with the other slashes, or with the extension it lacks. */
async function findIn(
  folder: string,
  cell: string,
  source: string,
  { notices }: ReadContext,
): Promise<string> {
  const path = resolve(folder, cell);
  if (isImage(cell) && !cell.includes("\\")) return path;
  if (await exists(path)) return path;
  const slashed = cell.replaceAll("\\", "/");
  for (const extension of isImage(cell) ? [""] : ["", ...TRIED]) {
    const other = resolve(folder, slashed + extension);
    if (!(await exists(other))) continue;
    if (slashed !== cell)
      notices.add(source, "has backslashes in the path of its image, read as slashes");
    return other;
  }
  return path;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
