import { lstat, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "@engraft/core/errors";
import { ADAPTER_FILE } from "@engraft/core/predict";
import { EngraftError } from "@engraft/onnx";
import { HEAD_FILE, RECORD_FILES, VOCABULARY_FILE } from "@engraft/tasks/predict";
import { requireWritable, targetOf } from "../files/durable.js";
import { readPlainFile } from "../files/plain-file.js";
import { type Replacing, recoverFolder, replaceFolder } from "../files/replace-folder.js";
import { REPORT_FILE, stateOf, type TaskFiles } from "./folder.js";

/** Another process has written a task while this one was at work; both are kept. */
export class TaskChangedError extends EngraftError {
  readonly code = "task/changed";
  /** Where the task of the other process is. */
  readonly path: string;
  /** Where the task that was to be written is. */
  readonly kept: string;

  constructor(path: string, kept: string) {
    super(
      `${path} was written by another process in the meantime. It stays as that process wrote it, and the ` +
        `new task is in ${kept}: keep the one that you want, or run again.`,
    );
    this.path = path;
    this.kept = kept;
  }
}

/**
 * Where a task will be written: checked before the work, and written once it is done, if nobody else
 * has written there since.
 */
export class TaskPlace {
  readonly #path: string;
  readonly #before: string | undefined;
  readonly #onWarning: (message: string) => void;

  private constructor(
    path: string,
    before: string | undefined,
    onWarning: (message: string) => void,
  ) {
    this.#path = path;
    this.#before = before;
    this.#onWarning = onWarning;
  }

  /**
   * Makes sure that a task can be written to a place: nothing is there, or another task.
   *
   * @param onWarning - Told of what is in the folder beside the task, and stays there.
   * @param seen - The state of the place that the task is made from. Default: as it is now.
   * @throws UsageError when the place is taken by something that is not a task.
   * @throws OutputError when nothing can be written there.
   */
  static async open(
    path: string,
    onWarning: ((message: string) => void) | undefined,
    seen?: { readonly state: string | undefined },
  ): Promise<TaskPlace> {
    const target = await targetOf(path);
    await requireWritable(target);
    await recoverFolder(target, TASK);
    await requireReplaceable(target);
    const { state } = seen ?? { state: await stateOf(target) };
    return new TaskPlace(path, state, onWarning ?? (() => {}));
  }

  /**
   * Writes the task so that the place has it whole or is as it was before.
   *
   * @throws TaskChangedError when another process has written there; the task is kept beside it then.
   * @throws OutputError when it cannot be written.
   */
  async write(task: TaskFiles): Promise<void> {
    const check = async (target: string): Promise<void> => {
      await requireReplaceable(target);
      if ((await stateOf(target)) !== this.#before) throw new Changed();
    };
    const files = filesOf(task);
    try {
      const kept = await replaceFolder(this.#path, files, { ...TASK, check });
      if (kept.length > 0) {
        const names = kept.join(", ");
        this.#onWarning(`${this.#path} holds more than the task, which is kept: ${names}.`);
      }
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
      throw new TaskChangedError(this.#path, await writeBeside(this.#path, files));
    }
  }
}

class Changed extends Error {}

/** What Engraft writes into the folder of a task. */
const TASK: Replacing = {
  names: ["task.json", HEAD_FILE, VOCABULARY_FILE, ADAPTER_FILE, ...RECORD_FILES, REPORT_FILE],
  async own(folder) {
    const files = Object.keys((await glance(folder))?.files ?? {});
    const isOwn = (name: string) => name === "task.json" || name === REPORT_FILE;
    return TASK.names.filter((name) => isOwn(name) || files.includes(name));
  },
};

function filesOf({ manifest, files }: TaskFiles): ReadonlyMap<string, Uint8Array> {
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
  return new Map([...files, ["task.json", json]]);
}

/** @throws UsageError when there is something that is not a task. */
async function requireReplaceable(target: string): Promise<void> {
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined) return;
  const names = entry.isDirectory() ? await readdir(target) : undefined;
  if (names?.length === 0 || (await glance(target)) !== undefined) return;
  const what = names?.includes("task.json")
    ? "is not a task: its task.json is that of something else"
    : "is not a task";
  throw new UsageError(`${target} exists and ${what}. Choose another place for the task with -o.`);
}

/** What a `task.json` says of its kind and files; undefined where it is none of Engraft's. */
async function glance(folder: string): Promise<{ readonly files?: object } | undefined> {
  try {
    const bytes = await readPlainFile(join(folder, "task.json"));
    const said = JSON.parse(new TextDecoder().decode(bytes));
    return said?.kind === "engraft-task" ? said : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes a task beside a place that is taken: `mails-2.engraft`.
 *
 * @returns Where it is.
 */
async function writeBeside(path: string, files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const check = async (target: string): Promise<void> => {
    if ((await lstat(target).catch(() => undefined)) !== undefined) throw new Changed();
  };
  const whole = basename(resolve(path));
  const extension = whole.endsWith(".engraft") ? ".engraft" : "";
  const name = whole.slice(0, whole.length - extension.length);
  for (let number = 2; ; number++) {
    const beside = join(dirname(path), `${name}-${number}${extension}`);
    try {
      await replaceFolder(beside, files, { ...TASK, check });
      return beside;
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
    }
  }
}
