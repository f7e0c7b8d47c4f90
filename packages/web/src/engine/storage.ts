import { BASES_FOLDER } from "../host/bases/base-files.js";
import { FEATURES_FOLDER } from "../host/cache/feature-cache.js";
import { FILES_FOLDER } from "../host/files/named-files.js";
import type { KeptFiles } from "../host/storage/kept-files.js";
import { folderNamed, listNamed } from "../host/storage/versions.js";
import { TASKS_FOLDER } from "../host/tasks/kept-tasks.js";
import type { KeptKind, StorageInfo } from "../protocol/facts.js";

/** What the browser keeps for Engraft. */
export async function describeStorage(kept: KeptFiles): Promise<StorageInfo> {
  const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  return {
    where: kept.where,
    tasks: await listNamed(TASKS_FOLDER, kept),
    files: await listNamed(FILES_FOLDER, kept),
    bases: await bytesBelow(BASES_FOLDER, kept),
    features: await bytesBelow(FEATURES_FOLDER, kept),
    quota,
    usage,
  };
}

/** Removes what is kept. @param name - Of a task or file. Default: all of the kind. */
export async function clearStorage(
  what: KeptKind,
  name: string | undefined,
  kept: KeptFiles,
): Promise<void> {
  await kept.remove(name === undefined ? FOLDERS[what] : folderNamed(FOLDERS[what], name));
}

const FOLDERS: Readonly<Record<KeptKind, string>> = {
  bases: BASES_FOLDER,
  features: FEATURES_FOLDER,
  tasks: TASKS_FOLDER,
  files: FILES_FOLDER,
};

async function bytesBelow(folder: string, kept: KeptFiles): Promise<number> {
  const files = await kept.list(folder);
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
