import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "@engraft/core/errors";
import {
  type HostFiles,
  UnreadableFile,
  type WritableFile,
  type WritableFolder,
} from "@engraft/tasks/predict";
import { requireWritable, targetOf, writeAtomically } from "./durable.js";
import { readPlainFile } from "./plain-file.js";
import { type Replacing, replaceFolder } from "./replace-folder.js";
import { requireReplaceableFile } from "./replaceable-file.js";

/** Files on the disk; a place is a path. */
export const nodeFiles: HostFiles = {
  read: (place) => readPlainFile(place),
  beside: (place, name) => join(dirname(place), name),
  async readModel(place, unreadable) {
    // Loaded late: it brings the codec.
    const { readModelFile } = await import("./model-file.js");
    return readModelFile(place, unreadable);
  },
  prepareFile,
  prepareFolder,
};

async function prepareFile(
  place: string,
  what: string,
  isOurs: (bytes: Uint8Array) => boolean,
): Promise<WritableFile> {
  await requireReplaceableFile(place, what, isOurs);
  await requireWritable(place);
  return {
    read: () => readIfThere(place),
    write: (bytes) => writeAtomically(place, bytes),
  };
}

async function readIfThere(place: string): Promise<Uint8Array | undefined> {
  try {
    return await readPlainFile(place);
  } catch (error) {
    if (error instanceof UnreadableFile && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function prepareFolder(
  place: string,
  what: string,
  names: readonly string[],
): Promise<WritableFolder> {
  const check = (target: string): Promise<void> => requireOwnFolder(target, what, names);
  const target = await targetOf(place);
  await requireWritable(target);
  await check(target);
  const replacing: Replacing = { names, own: () => Promise.resolve(names), check };
  return {
    async write(files) {
      await replaceFolder(place, files, replacing);
    },
  };
}

/** @throws UsageError when a folder has a file that would be lost. */
async function requireOwnFolder(
  target: string,
  what: string,
  names: readonly string[],
): Promise<void> {
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined) return;
  const found = entry.isDirectory() ? await readdir(target) : undefined;
  if (found?.every((name) => names.includes(name))) return;
  throw new UsageError(
    `${target} exists and holds something else than ${what} that Engraft wrote. Choose another folder.`,
  );
}
