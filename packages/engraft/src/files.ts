import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** Writes a new file and waits until it is on the disk. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes a file so that it is complete or as it was before: the bytes go to a temporary file beside
 * it, which is renamed at the end. Missing folders are made.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const target = resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  await mkdir(dirname(target), { recursive: true });
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a folder so that it is complete or as it was before: the files go to a temporary folder
 * beside it, which is renamed at the end. A folder that is there is replaced.
 */
export async function writeFolderAtomically(
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const target = resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  await mkdir(temporary, { recursive: true });
  try {
    for (const [name, bytes] of files) await writeDurably(join(temporary, name), bytes);
    await swap(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** What a folder is called for the moment in which another one takes its place. */
const REPLACED = ".tmp.old";

/**
 * The folder that was being replaced when a process was killed between its last two renames: the path
 * is free then, and what was there is beside it, whole.
 */
export async function findReplaced(path: string): Promise<string | undefined> {
  const target = resolve(path);
  const beside = await readdir(dirname(target)).catch(() => []);
  const found = beside.find(
    (name) => name.startsWith(`.${basename(target)}.`) && name.endsWith(REPLACED),
  );
  return found && join(dirname(target), found);
}

/** Puts a new folder in the place of an old one. */
async function swap(temporary: string, target: string): Promise<void> {
  const old = temporary.replace(/\.tmp$/, REPLACED);
  const replaced = await rename(target, old).then(
    () => true,
    () => false,
  );
  await rename(temporary, target);
  if (replaced) await rm(old, { recursive: true, force: true });
}
