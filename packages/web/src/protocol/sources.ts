import type { SentDataset } from "./datasets.js";

/*
 * The forms in which data crosses from a page to the worker. Nothing is read on the page: files cross
 * as they are, pixels as bitmaps.
 */

/** One input: a text or the address of an image, or an image as a file or as pixels. */
export type SentInput = string | Uint8Array | Blob | ImageBitmap | ImageData;

/** A file, and its path in the folder that it was chosen from. */
export interface SentFile {
  readonly path: string;
  readonly file: Blob;
}

/** Files and folders. */
export type SentFiles =
  | { readonly kind: "address"; readonly href: string }
  | { readonly kind: "file"; readonly file: SentFile }
  | { readonly kind: "folder"; readonly name: string; readonly files: readonly SentFile[] }
  | { readonly kind: "directory"; readonly handle: FileSystemDirectoryHandle };

/** Labelled data. The inputs among the cells of rows are as {@link SentInput} says. */
export type SentData =
  | SentFiles
  | { readonly kind: "rows"; readonly rows: readonly unknown[] }
  | { readonly kind: "dataset"; readonly dataset: SentDataset };

/** Data without labels. */
export type SentUnlabelled =
  | SentFiles
  | {
      readonly kind: "inputs";
      readonly inputs: readonly SentInput[];
      /** How many were sent before, which the names of inputs count. */
      readonly before: number;
    };

/** Where a task is, or is to be written: a name, an address, or a folder. */
export type SentPlace = string | SentFiles;
