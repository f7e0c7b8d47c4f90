import { TaskChangedError } from "@engraft/tasks/errors";
import type { KeptFiles } from "../storage/kept-files.js";
import { locked } from "../storage/locks.js";
import { folderNamed, listNamed, readNewest, writeVersion } from "../storage/versions.js";
import { stateOf, type TaskPlace } from "./task-place.js";

/** The folder of tasks among the kept files. */
export const TASKS_FOLDER = "tasks";

/** A task that the browser keeps under a name. */
export function keptTask(name: string, kept: () => Promise<KeptFiles>): TaskPlace {
  const place: TaskPlace = {
    isNone: "is not the name of a task in this browser",
    async read(file) {
      return readNewest(folderOf(name), file, await kept());
    },
    async prepare(seen) {
      const { state } = seen ?? { state: await stateOf(place) };
      return {
        write: (files) =>
          locked(`task-${name}`, async () => writeUnlessChanged(name, state, files, kept)),
      };
    },
  };
  return place;
}

async function writeUnlessChanged(
  name: string,
  before: string | undefined,
  files: ReadonlyMap<string, Uint8Array>,
  kept: () => Promise<KeptFiles>,
): Promise<readonly string[]> {
  const isChanged = (await stateOf(keptTask(name, kept))) !== before;
  const target = isChanged ? await freeName(name, kept) : name;
  await writeVersion(folderOf(target), target, files, await kept());
  if (isChanged) throw new TaskChangedError(name, target);
  return [];
}

async function freeName(name: string, kept: () => Promise<KeptFiles>): Promise<string> {
  const taken = await listNamed(TASKS_FOLDER, await kept());
  for (let number = 2; ; number++) {
    const other = name.replace(/(\.engraft)?$/, (extension) => `-${number}${extension}`);
    if (!taken.has(other)) return other;
  }
}

function folderOf(name: string): string {
  return folderNamed(TASKS_FOLDER, name);
}
