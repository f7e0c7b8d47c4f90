import { UsageError } from "@engraft/core/errors";
import { UnreadableFile } from "@engraft/tasks/errors";
import { MANIFEST_FILE, type TaskStorage, taskNameOf } from "@engraft/tasks/predict";
import { isTaskZipAddress, nameOfAddress } from "../net/address-name.js";
import { fetchFile } from "../net/fetch-file.js";
import { isName } from "../storage/is-name.js";
import type { KeptFiles } from "../storage/kept-files.js";
import { keptTask } from "./kept-tasks.js";
import { servedTask, zipTask } from "./other-places.js";
import { stateOf, type TaskPlace } from "./task-place.js";

/**
 * The places of tasks: a name is that of a task that the browser keeps, an address (with a slash or a
 * colon) that of a folder on a server, and what a program holds has a name of its own.
 */
export class TaskPlaces {
  readonly storage: TaskStorage;
  readonly #kept: () => Promise<KeptFiles>;
  readonly #resolve: (place: string) => string;
  readonly #added = new Map<string, TaskPlace>();

  constructor(kept: () => Promise<KeptFiles>, resolve: (place: string) => string) {
    this.#kept = kept;
    this.#resolve = resolve;
    this.storage = taskStorage((place) => this.#open(place));
  }

  /** Adds a place. @returns Its name, which ends with a slash, with a number where that is taken. */
  add(name: string, place: TaskPlace): string {
    let key = `${name}/`;
    for (let number = 2; this.#added.has(key); number++) key = `${name} (${number})/`;
    this.#added.set(key, place);
    return key;
  }

  /** Removes a place that was added. */
  remove(place: string): void {
    this.#added.delete(place);
  }

  #open(place: string): TaskPlace {
    const added = this.#added.get(place);
    if (added !== undefined) return added;
    if (isName(place)) return keptTask(place, this.#kept);
    const address = this.#resolve(place);
    return isTaskZipAddress(address) ? zipTask(() => fetchFile(address)) : servedTask(address);
  }
}

/** Tasks at places of several kinds. @param open - The place that a string names. */
function taskStorage(open: (place: string) => TaskPlace): TaskStorage {
  return {
    state: (place) => stateOf(open(place)),
    async readManifest(place) {
      const found = open(place);
      const manifest = await readOrExplain(found, place);
      if (manifest !== undefined) return manifest;
      throw new UsageError(`${place} ${found.isNone}.`);
    },
    async readFile(place, name, bytes) {
      const file = await open(place).read(name, bytes);
      if (file === undefined) throw new UnreadableFile("it is missing");
      if (file.length <= bytes) return file;
      throw new UnreadableFile(`it has ${file.length} bytes, and should have ${bytes}`);
    },
    isBeingReplaced: () => Promise.resolve(false),
    prepare: (place, seen) => open(place).prepare(seen),
    nameOf: (place) => taskNameOf(nameOfAddress(place)),
    reportOf: () => undefined,
  };
}

async function readOrExplain(found: TaskPlace, place: string): Promise<Uint8Array | undefined> {
  try {
    return await found.read(MANIFEST_FILE);
  } catch (cause) {
    if (!(cause instanceof UnreadableFile)) throw cause;
    throw new UsageError(`${place} ${found.isNone}: ${cause.message}.`, { cause });
  }
}
