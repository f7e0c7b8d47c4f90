import { lstat, mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder, targetOf, writeDurably } from "./durable.js";
import { explained } from "./explain.js";
import { withLock } from "./lock.js";
import { isAbandoned, temporariesOf, temporaryName } from "./temporary.js";

/** What a folder that is written may replace. */
export interface Replacing {
  /** Every name that Engraft gives files in such folders. */
  readonly names: readonly string[];
  /** Those of the files in a folder that Engraft wrote; nothing else is ever removed. */
  readonly own: (folder: string) => Promise<readonly string[]>;
  /** Called while no other process writes there, right before the new folder takes its place. */
  readonly check?: (target: string) => Promise<void>;
}

/** What a folder is called for the moment in which another one takes its place. */
const REPLACED = ".tmp.old";

/**
 * Writes a folder so that it is complete or as it was before: the files go to a temporary folder
 * beside it, which is renamed at the end. Of a folder that is there, Engraft's own files are replaced;
 * everything else in it is moved into the new one. Where the path is a symbolic link, the folder that
 * it points at is replaced and the link stays.
 *
 * @returns Names of what was not Engraft's own and is still there.
 * @throws OutputError when it cannot be written.
 */
export async function replaceFolder(
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
  replacing: Replacing,
): Promise<string[]> {
  const target = await targetOf(path);
  const temporary = join(dirname(target), temporaryName(basename(target)));
  try {
    await mkdir(dirname(target), { recursive: true });
    await mkdir(temporary);
    for (const [name, bytes] of files) await writeDurably(join(temporary, name), bytes);
    await syncFolder(temporary);
    return await withLock(target, async () => {
      await sweepFolders(target, replacing);
      await replacing.check?.(target);
      return swap(temporary, target, replacing);
    });
  } catch (error) {
    await removeOwn(temporary, [...files.keys()]);
    throw explained(error, target);
  }
}

/**
 * The folder that was being replaced when a process was killed between two renames: the path is free
 * then, and what was there is beside it, whole.
 *
 * @returns Its path, and whether the process is still at work.
 */
export async function findReplaced(
  path: string,
): Promise<{ readonly path: string; readonly isAtWork: boolean } | undefined> {
  const [found] = await temporariesOf(await targetOf(path), REPLACED);
  return found && { path: found.path, isAtWork: !(await isAbandoned(found.writer, found.path)) };
}

/** Puts a new folder in the place of an old one. */
async function swap(temporary: string, target: string, { own }: Replacing): Promise<string[]> {
  const old = temporary.replace(/\.tmp$/, REPLACED);
  const isReplaced = await moveAside(target, old);
  try {
    await rename(temporary, target);
  } catch (error) {
    if (isReplaced) await rename(old, target);
    throw error;
  }
  await syncFolder(dirname(target));
  return isReplaced ? takeOver(old, target, await own(old)) : [];
}

async function moveAside(target: string, old: string): Promise<boolean> {
  try {
    await rename(target, old);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Moves all but some names of an old folder into the new one, and removes the old one. */
async function takeOver(old: string, target: string, own: readonly string[]): Promise<string[]> {
  const kept: string[] = [];
  for (const name of await readdir(old)) {
    if (own.includes(name)) continue;
    const place = await freeName(target, name);
    await rename(join(old, name), join(target, place));
    kept.push(place);
  }
  await removeOwn(old, own);
  await syncFolder(target);
  return kept;
}

/** A name that a folder does not have. */
async function freeName(folder: string, name: string): Promise<string> {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}.${number}`;
    const found = await lstat(join(folder, candidate)).catch(() => undefined);
    if (found === undefined) return candidate;
  }
}

/** Removes files by their names, and the folder where nothing else is in it. */
async function removeOwn(folder: string, own: readonly string[]): Promise<void> {
  for (const name of own) await rm(join(folder, name), { force: true }).catch(() => {});
  await rmdir(folder).catch(() => {});
}

/**
 * Finishes, or takes back, what processes that were killed have left of a folder.
 *
 * @throws OutputError when that cannot be done.
 */
export async function recoverFolder(path: string, replacing: Replacing): Promise<void> {
  const target = await targetOf(path);
  const left = await temporariesOf(target, REPLACED);
  if (left.length === 0) return;
  try {
    await withLock(target, () => sweepFolders(target, replacing));
  } catch (error) {
    throw explained(error, target);
  }
}

async function sweepFolders(target: string, { names, own }: Replacing): Promise<void> {
  for (const { path, writer } of await temporariesOf(target, REPLACED)) {
    if (!(await isAbandoned(writer, path))) continue;
    const isThere = (await lstat(target).catch(() => undefined)) !== undefined;
    if (isThere) await takeOver(path, target, await own(path));
    else await rename(path, target);
  }
  for (const { path, writer } of await temporariesOf(target, ".tmp")) {
    if (await isAbandoned(writer, path)) await removeOwn(path, names);
  }
}
