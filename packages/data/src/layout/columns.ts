import type { Modality } from "@engraft/core";
import type { DataRemedy } from "@engraft/core/errors";
import type { ColumnOptions } from "../options.js";
import { MissingPart, unusable } from "../problems.js";

/** Names by which the columns of a data file are found, compared without regard to case. */
const TEXT_COLUMNS = [
  "text",
  "message",
  "body",
  "content",
  "sentence",
  "document",
  "mail",
  "email",
  "comment",
  "review",
];
const IMAGE_COLUMNS = [
  "image",
  "image_path",
  "img",
  "photo",
  "picture", // What users call a column. glossary: picture
  "file",
  "file_name",
  "filename",
  "filepath",
  "path",
];
/** Columns that name an image where it is known in which folder the images are. */
const ID_COLUMNS = ["id", "image_id", "imageid", "img_id", "image_name", "name"];
const LABEL_COLUMNS = [
  "label",
  "category",
  "class",
  "target",
  "tag",
  "intent",
  "sentiment",
  "topic",
  "spam",
];

/** What is known of the columns before a file is read. */
export interface WantedColumns extends ColumnOptions {
  /** Whether it is known in which folder the images are: then there are images. Default false. */
  readonly hasImageFolder?: boolean | undefined;
}

/** Which column holds what. */
export interface Columns {
  readonly modality: Modality;
  readonly input: string;
  /** Absent when no label was asked for. */
  readonly label?: string;
}

/** What a column is looked for as. */
interface Role {
  /** What it holds, for messages. */
  readonly name: string;
  /** The options that name it. */
  readonly options: readonly DataRemedy[];
  readonly usual: readonly string[];
}

const TEXT: Role = { name: "text", options: ["columns.text"], usual: TEXT_COLUMNS };
const IMAGE: Role = { name: "image", options: ["columns.image"], usual: IMAGE_COLUMNS };
const TEXT_OR_IMAGE: Role = {
  name: "text or image",
  options: ["columns.text", "columns.image"],
  usual: [...TEXT_COLUMNS, ...IMAGE_COLUMNS],
};
const LISTED_IMAGE: Role = { ...IMAGE, usual: [...IMAGE_COLUMNS, ...ID_COLUMNS] };
const LABEL: Role = { name: "label", options: ["columns.label"], usual: LABEL_COLUMNS };

/**
 * Finds the columns of labelled data. `where` names the file, for the DataError that is thrown when
 * a column is missing or several could be meant.
 */
export function findLabelledColumns(
  names: readonly string[],
  options: WantedColumns,
  where: string,
): Columns {
  const label = find(names, options.label, LABEL, where);
  return { ...findInputColumn(names, options, undefined, where), label };
}

/**
 * Finds the columns of data of which some rows may have a label: there may be no column of labels,
 * unless one is named.
 */
export function findColumns(
  names: readonly string[],
  options: WantedColumns,
  modality: Modality | undefined,
  where: string,
): Columns {
  const columns = findInputColumn(names, options, modality, where);
  if (options.label === undefined && !hasUsual(names, LABEL)) return columns;
  return { ...columns, label: find(names, options.label, LABEL, where) };
}

/** Finds the column that holds the input, of the given modality or, without one, of any. */
export function findInputColumn(
  names: readonly string[],
  options: WantedColumns,
  modality: Modality | undefined,
  where: string,
): Columns {
  if (modality === "text" || (modality === undefined && options.text !== undefined)) {
    return { modality: "text", input: find(names, options.text, TEXT, where) };
  }
  const { image, hasImageFolder } = options;
  if (modality === "image" || image !== undefined || hasImageFolder) {
    const role = !hasImageFolder || hasUsual(names, IMAGE) ? IMAGE : LISTED_IMAGE;
    return { modality: "image", input: find(names, image, role, where) };
  }
  const input = find(names, undefined, TEXT_OR_IMAGE, where);
  return { modality: TEXT_COLUMNS.includes(fold(input)) ? "text" : "image", input };
}

function hasUsual(names: readonly string[], { usual }: Role): boolean {
  return names.some((name) => usual.includes(fold(name)));
}

function find(
  names: readonly string[],
  wanted: string | undefined,
  role: Role,
  where: string,
): string {
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  const accepted = wanted === undefined ? role.usual : [fold(wanted)];
  const found = names.filter((name) => accepted.includes(fold(name)));
  if (found.length === 1) return found[0]!;
  const options = role.options.map((option) => `option ${option}`).join(" or ");
  const advice = `Columns: ${list(names)}. Name the column (${options})`;
  if (found.length > 1) {
    const problem = `several columns could be the ${role.name} column: ${list(found)}`;
    throw unusable(where, `${problem}. ${advice}`, role.options);
  }
  const problem =
    wanted === undefined
      ? `no ${role.name} column was found (such as ${role.usual.slice(0, 4).join(", ")})`
      : `there is no column ${JSON.stringify(wanted)}`;
  const part = role === LABEL && wanted === undefined ? "labels" : "column";
  throw new MissingPart(part, where, `${problem}. ${advice}`, role.options);
}

function fold(name: string): string {
  return name.trim().normalize("NFC").toLowerCase();
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name.slice(0, 80)));
  return `${shown.join(", ")}${names.length > 20 ? ", ..." : ""}` || "none";
}
