import { UsageError } from "@engraft/core/errors";
import type { UrlLike } from "../data-source.js";
import type { DataHome } from "../home.js";
import type { DataFolder, DataOptions } from "../options.js";
import { unreadable } from "../problems.js";
import { type BlobLike, fileOfBlob, isBlob } from "../source/blob.js";
import {
  type DirectoryHandleLike,
  folderOfHandle,
  isDirectoryHandle,
} from "../source/directory-handle.js";
import { folderOfFiles } from "../source/memory.js";
import { type FileSource, type FolderSource, reasonOf, SourceError } from "../source/source.js";
import type { TableSettings } from "./collection.js";

/** What can be opened as a file or folder. */
export type Openable =
  | string
  | UrlLike
  | FileSource
  | FolderSource
  | BlobLike
  | DirectoryHandleLike
  | readonly BlobLike[];

/** Whether a value can be opened as a file or folder; otherwise it holds rows, or is none of ours. */
export function isOpenable(value: unknown): value is Openable {
  if (typeof value === "string" || isBlob(value) || isDirectoryHandle(value)) return true;
  if (Array.isArray(value)) return value.length > 0 && value.every(isBlob);
  if (typeof value !== "object" || value === null) return false;
  return "href" in value || ("kind" in value && (value.kind === "file" || value.kind === "folder"));
}

/**
 * Opens a file or folder.
 *
 * @throws DataError where it cannot be opened.
 * @throws UsageError where it is a path, and there is nothing at it or the home opens none.
 */
export async function openSource(
  given: Openable,
  home: DataHome,
): Promise<FileSource | FolderSource> {
  try {
    if (typeof given === "string" || "href" in given) return await openPath(given, home);
    if (isBlob(given)) return fileOfBlob(given);
    if (isDirectoryHandle(given)) return folderOfHandle(given);
    return isFiles(given) ? folderOfBlobs(given) : given;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw unreadable(nameOf(given), reasonOf(error), error);
  }
}

/** What messages call a source. */
export function nameOf(given: Openable): string {
  if (typeof given === "string") return given;
  if ("href" in given) return given.href;
  if (isFiles(given)) return "the files";
  return "path" in given ? given.path : (given.name ?? "the file");
}

function isFiles(given: Openable): given is readonly BlobLike[] {
  return Array.isArray(given);
}

async function openPath(
  path: string | UrlLike,
  home: DataHome,
): Promise<FileSource | FolderSource> {
  if (home.open === undefined) {
    const advice = "Give a File, a directory handle, rows or a data set";
    throw new UsageError(`${nameOf(path)}: paths cannot be opened here. ${advice}.`);
  }
  const opened = await home.open(path);
  if (opened !== undefined) return opened;
  throw new UsageError(`${nameOf(path)} does not exist. Give a data file or a folder with data.`);
}

/** Files that were chosen together: one is a data file, several are the folder that they stand in. */
function folderOfBlobs(blobs: readonly BlobLike[]): FileSource | FolderSource {
  const [first, ...others] = blobs;
  const isInFolder = Boolean(first?.webkitRelativePath);
  if (first !== undefined && others.length === 0 && !isInFolder) return fileOfBlob(first);
  const files = new Map<string, FileSource>();
  let name = "the files";
  for (const blob of blobs) {
    const [folder, ...rest] = (blob.webkitRelativePath ?? "").split("/");
    if (rest.length > 0 && folder) name = folder;
    files.set(rest.join("/") || (blob.name ?? ""), fileOfBlob(blob));
  }
  return folderOfFiles(name, files);
}

/** Opens the folders that options name. */
export async function tableSettings(
  { columns = {}, header, imageFolder, formerFolder }: DataOptions,
  home: DataHome,
): Promise<TableSettings> {
  return {
    columns: { ...columns, hasImageFolder: imageFolder !== undefined },
    header,
    imageFolder: await openFolder(imageFolder, home),
    formerFolder: await openFolder(formerFolder, home),
  };
}

async function openFolder(
  given: DataFolder | undefined,
  home: DataHome,
): Promise<FolderSource | undefined> {
  if (given === undefined) return undefined;
  const opened = await openSource(given, home);
  if (opened.kind === "folder") return opened;
  throw unreadable(nameOf(given), "is a file where a folder was expected");
}
