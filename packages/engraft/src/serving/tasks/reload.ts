import { UsageError } from "@engraft/core/errors";
import { fingerprint, type ReadFolder, readFolder } from "./read-folder.js";
import type { TaskRegistry } from "./registry.js";

/** What became of a changed task folder. */
export type ReloadEvent =
  | { readonly task: string; readonly outcome: "success" }
  | { readonly task: string; readonly outcome: "failure"; readonly error: unknown };

/** Longest that the files of a task may take to be read, in milliseconds. */
const READ_TIMEOUT = 30_000;

/** Looks at the folders of tasks again and again, and loads those that have changed. */
export class Reloader {
  readonly #registry: TaskRegistry;
  readonly #onReload: (event: ReloadEvent) => void;
  readonly #readTimeout: number;
  /** Fingerprints of folders that could not be loaded, by task: they are not tried again. */
  readonly #refused = new Map<string, string>();
  /** Tasks whose folders are being looked at: a disk that does not answer is not asked again. */
  readonly #looking = new Set<string>();
  /** Tasks are loaded one after another. */
  #loading: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param readTimeout - Longest that the files of a task may take to be read. Default 30,000 ms. */
  constructor(
    registry: TaskRegistry,
    onReload: (event: ReloadEvent) => void,
    readTimeout: number = READ_TIMEOUT,
  ) {
    this.#registry = registry;
    this.#onReload = onReload;
    this.#readTimeout = readTimeout;
  }

  /** @param every - Milliseconds between two looks. */
  start(every: number): void {
    this.#timer = setInterval(() => void this.check(), every).unref();
  }

  /** Waits for what is being loaded, but not for what is being read. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#loading;
  }

  /** Loads the tasks whose folders have changed. A task whose folder is broken or gone stays as it is. */
  async check(): Promise<void> {
    const tasks = this.#registry.tasks.filter(({ folder }) => !this.#looking.has(folder.name));
    await Promise.all(tasks.map(({ folder }) => this.#look(folder)));
  }

  async #look(folder: Omit<ReadFolder, "task">): Promise<void> {
    this.#looking.add(folder.name);
    const now = await fingerprint(folder.path);
    const isKnown = now === folder.fingerprint || now === this.#refused.get(folder.name);
    if (now !== undefined && !isKnown) await this.#reload(folder, now);
    else this.#looking.delete(folder.name);
  }

  async #reload({ name, path }: Omit<ReadFolder, "task">, now: string): Promise<void> {
    try {
      const read = readFolder(path);
      const end = (): void => void this.#looking.delete(name);
      read.then(end, end);
      await this.#load(await withinTime(read, this.#readTimeout));
      this.#refused.delete(name);
      this.#onReload({ task: name, outcome: "success" });
    } catch (error) {
      this.#refused.set(name, now);
      this.#onReload({ task: name, outcome: "failure", error });
    }
  }

  #load(folder: ReadFolder): Promise<void> {
    const loaded = this.#loading.then(() => {
      if (this.#isStopped) throw new UsageError("The server is stopping.");
      return this.#registry.load([folder]);
    });
    this.#loading = loaded.catch(() => {});
    return loaded;
  }
}

/** @throws UsageError when the files take longer to be read; the reading cannot be stopped. */
async function withinTime<T>(read: Promise<T>, timeout: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const detail = `The files could not be read within ${timeout / 1000} s.`;
      reject(new UsageError(`${detail} Does their disk answer, and are they all plain files?`));
    }, timeout).unref();
  });
  try {
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}
