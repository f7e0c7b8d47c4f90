import { BASES_FOLDER } from "../host/bases/base-files.js";
import { FEATURES_FOLDER } from "../host/cache/feature-cache.js";
import type { KeptFiles } from "../host/storage/kept-files.js";
import { listTasks, removeTask, TASKS_FOLDER } from "../host/tasks/kept-tasks.js";
import type { StorageInfo } from "../protocol/facts.js";

/** What the browser keeps for Engraft. */
export async function describeStorage(kept: KeptFiles): Promise<StorageInfo> {
  const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  return {
    where: kept.where,
    tasks: await listTasks(kept),
    bases: await bytesBelow(BASES_FOLDER, kept),
    features: await bytesBelow(FEATURES_FOLDER, kept),
    quota,
    usage,
  };
}

/** Removes what is kept. @param name - Of a task. Default: all of the kind. */
export async function clearStorage(
  what: "bases" | "features" | "tasks",
  name: string | undefined,
  kept: KeptFiles,
): Promise<void> {
  if (name !== undefined) await removeTask(name, kept);
  else await kept.remove(FOLDERS[what]);
}

const FOLDERS = { bases: BASES_FOLDER, features: FEATURES_FOLDER, tasks: TASKS_FOLDER };

async function bytesBelow(folder: string, kept: KeptFiles): Promise<number> {
  const files = await kept.list(folder);
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
