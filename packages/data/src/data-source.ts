import type { Dataset } from "@engraft/core";
import type { BlobLike } from "./source/blob.js";
import type { DirectoryHandleLike } from "./source/directory-handle.js";
import type { FileSource, FolderSource } from "./source/source.js";

/** An address of a file: `new URL("mails.csv", import.meta.url)`. */
export interface UrlLike {
  readonly href: string;
}

/** The input of a row: a text, or an encoded image (JPEG, PNG, WebP, ...). */
export type RowInput = string | Uint8Array | BlobLike | FileSource;

/**
 * A labelled example: its input and its label, or an object whose columns are found by their names, as
 * in a data file. An object may also have a `split` (`train`, `val` or `test`; default `train`), and a
 * `source`, which messages and reports call it by (default `row 1` and so on).
 */
export type LabelledRow =
  | readonly [input: RowInput, label: string | number | bigint | boolean]
  | Readonly<Record<string, unknown>>;

/** Rows in memory, or as they come, from a database. */
export type Rows = Iterable<LabelledRow> | AsyncIterable<LabelledRow>;

/**
 * Where labelled data comes from: the path or address of a file or folder, where the home can open
 * these; an open file or folder; what a browser gives, a `File` or several, or a directory handle; rows;
 * or a data set that was read before.
 */
export type DataSource =
  | string
  | UrlLike
  | FileSource
  | FolderSource
  | BlobLike
  | DirectoryHandleLike
  | readonly BlobLike[]
  | Rows
  | Dataset;
