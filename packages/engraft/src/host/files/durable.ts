import { constants, fsync } from "node:fs";
import { lstat, mkdir, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { OutputError } from "@engraft/tasks/predict";
import { explained } from "./explain.js";
import { sweepLeftovers, temporaryName } from "./temporary.js";

/** By the number of a file: handles lack it where Yarn's PnP stands in for the file system. */
const flush = promisify(fsync);

/** Writes a new file and waits until it is on the disk. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await flush(file.fd);
  } finally {
    await file.close();
  }
}

/** Waits until the names in a folder are on the disk; where folders cannot be opened, nothing is done. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY).catch(() => undefined);
  try {
    // Windows, and some file systems, do not sync folders.
    if (folder !== undefined) await flush(folder.fd).catch(() => {});
  } finally {
    await folder?.close();
  }
}

/**
 * Writes a file so that it is complete or as it was before: the bytes go to a temporary file beside
 * it, which is renamed at the end. Missing folders are made. Where the path is a symbolic link, what
 * it points at is written and the link stays.
 *
 * @throws OutputError when it cannot be written.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const target = await targetOf(path);
  const temporary = join(dirname(target), temporaryName(basename(target)));
  try {
    await mkdir(dirname(target), { recursive: true });
    await requireFile(target);
    await sweepLeftovers(target);
    await writeDurably(temporary, bytes);
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw explained(error, target);
  }
}

/** A rename would put a file in the place of a pipe or a device. */
async function requireFile(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  throw new OutputError(target, "it is there already and is not a file", "EEXIST");
}

/** Where a path leads through symbolic links, also when nothing is there yet. */
export async function targetOf(path: string): Promise<string> {
  let target = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    const found = await lstat(target).catch(() => undefined);
    if (!found?.isSymbolicLink()) return target;
    const real = await realpath(target).catch(() => undefined);
    if (real !== undefined) return real;
    target = resolve(dirname(target), await readlink(target));
  }
  throw new OutputError(target, "its symbolic links lead in a circle", "ELOOP");
}

const MAX_LINKS = 40;

/**
 * Makes sure that a file or folder can be written before the work for it is done.
 *
 * @throws OutputError when it cannot be written.
 */
export async function requireWritable(path: string): Promise<void> {
  const target = await targetOf(path);
  try {
    const probe = join(await existingFolder(dirname(target)), temporaryName(basename(target)));
    await writeDurably(probe, new Uint8Array());
    await rm(probe);
  } catch (error) {
    throw explained(error, target);
  }
}

/** The folder itself, or the deepest of those around it that is there. */
async function existingFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && dirname(folder) !== folder) return undefined;
    throw error;
  });
  return found === undefined ? existingFolder(dirname(folder)) : folder;
}
