import { fingerprint, readFolder } from "./read-folder.js";
import type { TaskRegistry } from "./registry.js";

/** What became of a changed task folder. */
export type ReloadEvent =
  | { readonly task: string; readonly outcome: "success" }
  | { readonly task: string; readonly outcome: "failure"; readonly error: unknown };

/** Looks at the folders of tasks again and again, and loads those that have changed. */
export class Reloader {
  readonly #registry: TaskRegistry;
  readonly #onReload: (event: ReloadEvent) => void;
  /** Fingerprints of folders that could not be loaded, by task: they are not tried again. */
  readonly #refused = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> = Promise.resolve();

  constructor(registry: TaskRegistry, onReload: (event: ReloadEvent) => void) {
    this.#registry = registry;
    this.#onReload = onReload;
  }

  /** @param every - Milliseconds between two looks. */
  start(every: number): void {
    const look = (): void => {
      this.#checking = this.check().finally(() => {
        if (this.#timer !== undefined) this.#timer = setTimeout(look, every).unref();
      });
    };
    this.#timer = setTimeout(look, every).unref();
  }

  /** Waits for what is being loaded. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#checking;
  }

  /** Loads the tasks whose folders have changed. A task whose folder is broken or gone stays as it is. */
  async check(): Promise<void> {
    for (const { folder } of this.#registry.tasks) {
      const now = await fingerprint(folder.path);
      const isKnown = now === folder.fingerprint || now === this.#refused.get(folder.name);
      if (now !== undefined && !isKnown) await this.#reload(folder.name, folder.path, now);
    }
  }

  async #reload(task: string, path: string, now: string): Promise<void> {
    try {
      await this.#registry.load([await readFolder(path)]);
      this.#refused.delete(task);
      this.#onReload({ task, outcome: "success" });
    } catch (error) {
      this.#refused.set(task, now);
      this.#onReload({ task, outcome: "failure", error });
    }
  }
}
