import type { Input } from "@engraft/core";
import { mapInOrder } from "@engraft/core/predict";
import { type Checked, checkText, kindOf } from "../cells/cells.js";
import type { ReadContext } from "../context.js";
import { readRows } from "../formats/data-file.js";
import type { Row } from "../formats/row.js";
import { imageInput, imageProblem } from "../images/image-file.js";
import type { Columns } from "../layout/columns.js";
import { unusable } from "../problems.js";
import type { FileSource, FolderSource, NamedFile } from "../source/source.js";
import { findImage } from "./find-image.js";
import { FILES_AT_ONCE, type Outcome } from "./item.js";

/** How many times longer than a text a whole row may be. */
const ROW_TO_TEXT = 8;

export interface TableOptions<L extends string | undefined> {
  /** The folders to which the paths of images may be relative: the first that has the image counts. */
  readonly folders: readonly FolderSource[];
  /** Finds the columns that are wanted; what it throws ends the reading. */
  readonly choose: (names: readonly string[]) => Columns;
  /** Reads a label from the value of the label column. */
  readonly toLabel: (value: unknown) => Checked<L>;
  readonly context: ReadContext;
  /** Whether the first record of a CSV names the columns. Default true. */
  readonly header?: boolean | undefined;
  /** Receives every image that a row names. */
  readonly onImage?: (file: FileSource) => void;
}

/** Reads the rows of a data file as items. Holds no more than a few rows at a time. */
export async function* readTable<L extends string | undefined>(
  file: NamedFile,
  options: TableOptions<L>,
): AsyncGenerator<Outcome<L>> {
  let columns: Columns | undefined;
  const choose = (names: readonly string[]): string[] => {
    columns = options.choose(names);
    if (columns.modality === "image" && options.folders.length === 0) throw noFolder(file);
    return columns.label === undefined ? [columns.input] : [columns.input, columns.label];
  };
  const { maxTextBytes, notices, home } = options.context;
  const rows = readRows(file, choose, {
    rowLength: ROW_TO_TEXT * maxTextBytes,
    header: options.header,
    notices,
    unpackers: home.unpackers,
  });
  yield* mapInOrder(rows, FILES_AT_ONCE, (row) =>
    toItem(row, `${file.name}:${row.position}`, columns as Columns, options),
  );
}

function noFolder(file: NamedFile): Error {
  const what =
    "names images by their paths, and the folder that these are relative to is not known. Give it " +
    "(option imageFolder)";
  return unusable(file.name, what, ["imageFolder"]);
}

async function toItem<L extends string | undefined>(
  row: Row,
  source: string,
  columns: Columns,
  options: TableOptions<L>,
): Promise<Outcome<L>> {
  if ("problem" in row) return { where: source, what: row.problem };
  const [inputCell, labelCell] = row.values;
  const input =
    columns.modality === "text"
      ? checkTextInput(inputCell, options.context)
      : await checkImageInput(inputCell, source, options);
  return toOutcome(source, input, options.toLabel(labelCell));
}

/** A row with what was found of it. */
export function toOutcome<L extends string | undefined>(
  source: string,
  input: Checked<Input>,
  label: Checked<L>,
): Outcome<L> {
  if ("value" in input && "value" in label) {
    return { source, input: input.value, label: label.value };
  }
  const found = [input, label].flatMap((c) => ("problem" in c ? [c.problem] : []));
  const problem = { where: source, what: found.join("; ") };
  const lacksLabel = "value" in input && "isAbsent" in label && label.isAbsent;
  return lacksLabel ? { ...problem, unlabelled: { source, input: input.value } } : problem;
}

/** The input of a row of texts. */
export function checkTextInput(cell: unknown, { maxTextBytes }: ReadContext): Checked<Input> {
  const text = checkText(cell, maxTextBytes);
  return "problem" in text ? text : { value: { kind: "text", text: text.value } };
}

/** The input of a row that names an image by its path. */
export async function checkImageInput(
  cell: unknown,
  source: string,
  options: Pick<TableOptions<undefined>, "context" | "folders" | "onImage">,
): Promise<Checked<Input>> {
  const { context, folders, onImage } = options;
  if (cell === null || cell === undefined || cell === "") {
    return { problem: "the image is missing" };
  }
  if (typeof cell !== "string") {
    return { problem: `the image is ${kindOf(cell)} where the path of a file was expected` };
  }
  if (/^https?:/i.test(cell)) {
    return { problem: `the image ${cell} is not a file; download it first` };
  }
  const file = await findImage(cell, source, folders, context);
  if (file === undefined) return { problem: `the image ${JSON.stringify(cell)} does not exist` };
  onImage?.(file);
  const what = await imageProblem(file, source, context);
  return what === undefined
    ? { value: imageInput(file, source) }
    : { problem: `the image ${JSON.stringify(cell)} ${what}` };
}
