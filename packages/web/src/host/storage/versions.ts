import type { KeptFiles } from "./kept-files.js";
import { notWritten } from "./not-written.js";

/*
 * What is kept under a name, whole or not at all: a folder with a folder for each version. A tab that is
 * closed in the middle of a version leaves the one before it.
 */

/** The last file of a version that is written: a version without it is none. */
const DONE = "done";

/** The folder of what is kept under a name. @param kind - The folder of all that is of its kind. */
export function folderNamed(kind: string, name: string): string {
  return `${kind}/${encodeURIComponent(name)}`;
}

/** What is kept of a kind: names, and the bytes of each. */
export async function listNamed(
  kind: string,
  kept: KeptFiles,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const { path, bytes } of await kept.list(kind)) {
    const name = decodeURIComponent(path.split("/")[1]!);
    sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  }
  return sizes;
}

/** A file of the newest version in a folder; undefined where there is none. */
export async function readNewest(
  folder: string,
  file: string,
  kept: KeptFiles,
): Promise<Uint8Array | undefined> {
  const versions = await versionsOf(folder, kept);
  const [newest] = versions.sort((a, b) => numberOf(b) - numberOf(a));
  return newest === undefined ? undefined : kept.read(`${newest}/${file}`);
}

/**
 * Writes a version, and removes those before it. Readers see the old one until the new one is whole.
 *
 * @param name - What it is called in messages.
 * @throws OutputError when it cannot be written: the browser gives no more room.
 */
export async function writeVersion(
  folder: string,
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
  kept: KeptFiles,
): Promise<void> {
  const before = await versionsOf(folder, kept);
  const number = Math.max(0, ...before.map(numberOf)) + 1;
  const version = `${folder}/${number}`;
  try {
    for (const [file, bytes] of files) await kept.write(`${version}/${file}`, bytes);
    await kept.write(`${version}/${DONE}`, new Uint8Array());
  } catch (cause) {
    await kept.remove(version).catch(() => {});
    throw notWritten(name, cause);
  }
  for (const old of before) await kept.remove(old).catch(() => {});
}

/** Folders of the versions that are whole. */
async function versionsOf(folder: string, kept: KeptFiles): Promise<string[]> {
  const files = await kept.list(folder);
  const done = files.filter(({ path }) => path.endsWith(`/${DONE}`));
  return done.map(({ path }) => path.slice(0, -DONE.length - 1));
}

function numberOf(version: string): number {
  return Number(version.split("/").at(-1));
}
