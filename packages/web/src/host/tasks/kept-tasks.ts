import { OutputError, TaskChangedError } from "@engraft/tasks/errors";
import type { KeptFiles } from "../storage/kept-files.js";
import { stateOf, type TaskPlace } from "./task-place.js";

/** The folder of tasks among the kept files: in it a folder for each task, and in that one for each version. */
export const TASKS_FOLDER = "tasks";

/** The last file of a version that is written: a version without it is none. */
const DONE = "done";

/** A task that the browser keeps under a name. */
export function keptTask(name: string, kept: () => Promise<KeptFiles>): TaskPlace {
  const place: TaskPlace = {
    isNone: "is not the name of a task in this browser",
    async read(file) {
      const files = await kept();
      const version = await newestVersion(name, files);
      return version === undefined ? undefined : files.read(`${version}/${file}`);
    },
    async prepare(seen) {
      const { state } = seen ?? { state: await stateOf(place) };
      return {
        write: (files) => locked(name, async () => writeUnlessChanged(name, state, files, kept)),
      };
    },
  };
  return place;
}

/** Removes all versions of a task. */
export async function removeTask(name: string, kept: KeptFiles): Promise<void> {
  await kept.remove(folderOf(name));
}

/** Names of the tasks that are kept, and the bytes of each. */
export async function listTasks(kept: KeptFiles): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const { path, bytes } of await kept.list(TASKS_FOLDER)) {
    const name = decodeURIComponent(path.split("/")[1]!);
    sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  }
  return sizes;
}

async function writeUnlessChanged(
  name: string,
  before: string | undefined,
  files: ReadonlyMap<string, Uint8Array>,
  kept: () => Promise<KeptFiles>,
): Promise<readonly string[]> {
  const isChanged = (await stateOf(keptTask(name, kept))) !== before;
  const target = isChanged ? await freeName(name, kept) : name;
  await writeVersion(target, files, await kept());
  if (isChanged) throw new TaskChangedError(name, target);
  return [];
}

/** Writes a version, and removes those before it. Readers see the old one until the new one is whole. */
async function writeVersion(
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
  kept: KeptFiles,
): Promise<void> {
  const before = await versionsOf(name, kept);
  const number = Math.max(0, ...before.map(numberOf)) + 1;
  const version = `${folderOf(name)}/${number}`;
  try {
    for (const [file, bytes] of files) await kept.write(`${version}/${file}`, bytes);
    await kept.write(`${version}/${DONE}`, new Uint8Array());
  } catch (cause) {
    await kept.remove(version).catch(() => {});
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OutputError(name, why, cause instanceof Error ? cause.name : "Error", cause);
  }
  for (const old of before) await kept.remove(old).catch(() => {});
}

async function freeName(name: string, kept: () => Promise<KeptFiles>): Promise<string> {
  const taken = await listTasks(await kept());
  for (let number = 2; ; number++) {
    const other = name.replace(/(\.engraft)?$/, (extension) => `-${number}${extension}`);
    if (!taken.has(other)) return other;
  }
}

async function newestVersion(name: string, kept: KeptFiles): Promise<string | undefined> {
  const versions = await versionsOf(name, kept);
  return versions.sort((a, b) => numberOf(b) - numberOf(a))[0];
}

/** Folders of the versions that are whole. */
async function versionsOf(name: string, kept: KeptFiles): Promise<string[]> {
  const files = await kept.list(folderOf(name));
  const done = files.filter(({ path }) => path.endsWith(`/${DONE}`));
  return done.map(({ path }) => path.slice(0, -DONE.length - 1));
}

function numberOf(version: string): number {
  return Number(version.split("/").at(-1));
}

function folderOf(name: string): string {
  return `${TASKS_FOLDER}/${encodeURIComponent(name)}`;
}

/** One tab at a time writes a task, where the browser has locks. */
async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (navigator.locks === undefined) return work();
  return navigator.locks.request(`engraft-task-${name}`, work);
}
