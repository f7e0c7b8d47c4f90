import type { Dataset } from "@engraft/core";
import { isName } from "../host/storage/is-name.js";
import type { SentData, SentFiles, SentPlace, SentUnlabelled } from "../protocol/sources.js";
import { sendDataset } from "./datasets.js";
import type { EngineConnection } from "./engine.js";
import {
  absolute,
  hasPixels,
  isA,
  refuseSound,
  sendInput,
  sendInputs,
  type WebImage,
} from "./inputs.js";

/** Files and folders in a page: an address, files that a user chose or dropped, or a folder. */
export type WebFilesSource =
  | string
  | URL
  | File
  | FileList
  | readonly File[]
  | FileSystemDirectoryHandle;

/** A labelled example: its input and its label, or an object with columns, as `engraft` has it. */
export type WebRow =
  | readonly [input: WebImage, label: string | number | bigint | boolean]
  | Readonly<Record<string, unknown>>;

/** Where labelled data comes from in a page. */
export type WebDataSource = WebFilesSource | Iterable<WebRow> | AsyncIterable<WebRow> | Dataset;

/** Where unlabelled data comes from in a page: files, or inputs. */
export type WebUnlabelledSource = WebFilesSource | Iterable<WebImage> | AsyncIterable<WebImage>;

/** Where a task is: the name that it was saved under, an address, or a folder with its files. */
export type WebTaskSource = WebFilesSource;

/** Where a task is saved: under a name in this browser, or in a folder. */
export type WebTaskTarget = string | FileSystemDirectoryHandle;

/**
 * Labelled data in the form in which it crosses to the worker.
 *
 * @param made - Gets the bitmaps that are made of pixels.
 */
export async function sendData(
  source: WebDataSource,
  engine: EngineConnection,
  made: ImageBitmap[],
): Promise<SentData> {
  if (isFilesSource(source)) return sendFiles(source);
  if (isDataset(source)) return { kind: "dataset", dataset: await sendDataset(source, engine) };
  const rows: unknown[] = [];
  for await (const row of source) rows.push(await sendRow(row, made));
  return { kind: "rows", rows };
}

/** Unlabelled data in the form in which it crosses. Strings among the inputs are texts. */
export async function sendUnlabelled(
  source: WebUnlabelledSource,
  made: ImageBitmap[],
): Promise<SentUnlabelled> {
  if (isFilesSource(source)) return sendFiles(source);
  return { kind: "inputs", inputs: await sendInputs(source, "text", made), before: 0 };
}

/** A task in the form in which it crosses. */
export function sendPlace(place: WebTaskSource): SentPlace {
  if (typeof place !== "string") return sendFiles(place);
  return isName(place) ? place : absolute(place);
}

/** Whether a source is an address, files or a folder; else it holds rows or inputs. */
export function isFilesSource(source: unknown): source is WebFilesSource {
  if (typeof source === "string" || source instanceof URL || source instanceof Blob) return true;
  if (isA("FileList", source) || isDirectory(source)) return true;
  return Array.isArray(source) && source.length > 0 && source.every((each) => isA("File", each));
}

function isDirectory(source: unknown): source is FileSystemDirectoryHandle {
  return isA("FileSystemDirectoryHandle", source);
}

/** Files or folders in the form in which they cross. */
export function sendFiles(source: WebFilesSource): SentFiles {
  if (typeof source === "string") return { kind: "address", href: absolute(source) };
  if (source instanceof URL) return { kind: "address", href: source.href };
  if (isDirectory(source)) return { kind: "directory", handle: source };
  if (source instanceof Blob) return { kind: "file", file: { path: source.name, file: source } };
  const files = [...source];
  const [first] = files;
  // One file that was chosen alone is a data file; several are the folder that they stand in.
  if (first !== undefined && files.length === 1 && first.webkitRelativePath === "") {
    return { kind: "file", file: { path: first.name, file: first } };
  }
  const name = first?.webkitRelativePath.split("/")[0] || "the files";
  return { kind: "folder", name, files: files.map((file) => ({ path: pathOf(file), file })) };
}

/** The path of a file below the folder that was chosen. */
function pathOf({ name, webkitRelativePath }: File): string {
  return webkitRelativePath.split("/").slice(1).join("/") || name;
}

function isDataset(source: Exclude<WebDataSource, WebFilesSource>): source is Dataset {
  return "splits" in source && "labels" in source;
}

async function sendRow(row: WebRow, made: ImageBitmap[]): Promise<unknown> {
  if (Array.isArray(row)) return Promise.all(row.map((cell) => sendCell(cell, made)));
  if (typeof row !== "object" || row === null) return row;
  const cells = Object.entries(row).map(
    async ([name, cell]) => [name, await sendCell(cell, made)] as const,
  );
  return Object.fromEntries(await Promise.all(cells));
}

async function sendCell(cell: unknown, made: ImageBitmap[]): Promise<unknown> {
  refuseSound(cell);
  return hasPixels(cell) ? sendInput(cell, "image", made) : cell;
}
