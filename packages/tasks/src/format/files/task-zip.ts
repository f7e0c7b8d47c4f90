import { UsageError } from "@engraft/core/errors";
import { type UnzipFileInfo, unzipSync, type ZippableFile, zipSync } from "fflate";
import { UnreadableFile } from "../../storage-errors.js";
import { MANIFEST_FILE } from "../manifest/task-files.js";

/**
 * A task as one file, to send or to upload: its folder as a ZIP archive, `mails.engraft.zip`. The files
 * are stored as they are, since weights hardly get smaller. An archive that another program made of
 * the folder is read too, compressed or with the folder in it.
 */

/** ZIP archives without extensions of the format end here, and so do the files that Node reads at once. */
const MAX_BYTES = 2 ** 31 - 1;
/** More files than any task has, with what archivers of some systems add to each. */
const MAX_ENTRIES = 1000;
/** The earliest day that an archive can name: the same task gives the same bytes. */
const NO_TIME = new Date(1980, 0, 1);

/** Whether a place is that of a task in one file, by its name. */
export function isTaskZip(place: string): boolean {
  return /\.zip$/i.test(place);
}

/** The name of a task by that of its file or folder: `mails` of `mails.engraft.zip` and `mails.engraft`. */
export function taskNameOf(name: string): string {
  return name.replace(/\.zip$/i, "").replace(/\.engraft$/, "");
}

/**
 * Packs the files of a task.
 *
 * @throws UsageError when they are too large for one file.
 */
export function packTaskZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (bytes > MAX_BYTES - 2 ** 20) {
    throw new UsageError(
      `The task has ${bytes} bytes, too many for one file. Save it as a folder: choose a name that does ` +
        "not end in .zip.",
    );
  }
  const entries = Array.from(files, ([name, content]): [string, ZippableFile] => [
    name,
    [content, { level: 0, mtime: NO_TIME }],
  ]);
  return zipSync(Object.fromEntries(entries));
}

/** The files of a task in an archive. */
export interface TaskZip {
  /**
   * The content of a file.
   *
   * @param most - The largest size that it may have in bytes; a larger file is not unpacked.
   * @throws UnreadableFile with the reason.
   */
  read(name: string, most: number): Uint8Array;
}

/**
 * Opens an archive.
 *
 * @throws UnreadableFile when it is no ZIP archive, or has no task in it.
 */
export function openTaskZip(bytes: Uint8Array): TaskZip {
  const entries = listEntries(bytes);
  const folder = folderOf(entries);
  return {
    read(name, most) {
      const wanted = folder + name;
      const [found, other] = entries.filter((entry) => entry.name === wanted);
      if (found === undefined) throw new UnreadableFile("it is missing");
      if (other !== undefined) throw new UnreadableFile("the archive has two files of this name");
      if (found.originalSize > most) {
        throw new UnreadableFile(
          `it has ${found.originalSize} bytes, and no more than ${most} can be read`,
        );
      }
      return unpack(bytes, wanted);
    },
  };
}

function listEntries(bytes: Uint8Array): readonly UnzipFileInfo[] {
  const entries: UnzipFileInfo[] = [];
  unzipping(() =>
    unzipSync(bytes, {
      filter(entry) {
        entries.push(entry);
        if (entries.length > MAX_ENTRIES) {
          throw new UnreadableFile(`it holds more than ${MAX_ENTRIES} files: it is no task`);
        }
        return false;
      },
    }),
  );
  return entries;
}

/** Where the task is in the archive: at the top, or in its one folder. */
function folderOf(entries: readonly UnzipFileInfo[]): string {
  const folders = entries.flatMap(({ name }) => {
    const at = name.length - MANIFEST_FILE.length;
    const folder = name.slice(0, Math.max(0, at));
    const isManifest = name.endsWith(MANIFEST_FILE) && /^(?:[^/]+\/)?$/.test(folder);
    // What macOS adds to an archive.
    return isManifest && folder !== "__MACOSX/" ? [folder] : [];
  });
  const [folder, other] = new Set(folders);
  if (folder === undefined) throw new UnreadableFile("there is no task.json in it");
  if (other !== undefined) throw new UnreadableFile("there are several tasks in it");
  return folder;
}

function unpack(bytes: Uint8Array, name: string): Uint8Array {
  const unpacked = unzipping(() => unzipSync(bytes, { filter: (entry) => entry.name === name }));
  const [content] = Object.values(unpacked);
  if (content === undefined) throw new UnreadableFile("it is missing");
  return content;
}

function unzipping<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile(
      "it is no ZIP archive, or a part of it is missing",
      error instanceof Error ? error : undefined,
    );
  }
}
