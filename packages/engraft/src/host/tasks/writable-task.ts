import { lstat, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "@engraft/core/errors";
import { ADAPTER_FILE } from "@engraft/core/predict";
import {
  HEAD_FILE,
  RECORD_FILES,
  TaskChangedError,
  VOCABULARY_FILE,
  type WritableTask,
} from "@engraft/tasks/predict";
import { requireWritable, targetOf } from "../files/durable.js";
import { readPlainFile } from "../files/plain-file.js";
import { type Replacing, recoverFolder, replaceFolder } from "../files/replace-folder.js";
import { REPORT_FILE, stateOf } from "./task-state.js";

/**
 * Makes sure, before the work for it is done, that a task can be written to a place: nothing is there,
 * or another task. It is written if nobody else has written there since.
 *
 * @param seen - The state of the place that the task is made from. Default: as it is now.
 * @throws UsageError when the place is taken by something that is not a task.
 * @throws OutputError when nothing can be written there.
 */
export async function prepareTaskFolder(
  path: string,
  seen?: { readonly state: string | undefined },
): Promise<WritableTask> {
  const target = await targetOf(path);
  await requireWritable(target);
  await recoverFolder(target, TASK);
  await requireReplaceable(target);
  const { state } = seen ?? { state: await stateOf(target) };
  return { write: (files) => writeUnlessChanged(path, state, files) };
}

/** @param before - The state that the place is to have still. */
async function writeUnlessChanged(
  path: string,
  before: string | undefined,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<readonly string[]> {
  const check = async (target: string): Promise<void> => {
    await requireReplaceable(target);
    if ((await stateOf(target)) !== before) throw new Changed();
  };
  try {
    return await replaceFolder(path, files, { ...TASK, check });
  } catch (error) {
    if (!(error instanceof Changed)) throw error;
    throw new TaskChangedError(path, await writeBeside(path, files));
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

/** @throws UsageError when there is something that is not a task. */
async function requireReplaceable(target: string): Promise<void> {
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined) return;
  const names = entry.isDirectory() ? await readdir(target) : undefined;
  if (names?.length === 0 || (await glance(target)) !== undefined) return;
  const what = names?.includes("task.json")
    ? "is not a task: its task.json is that of something else"
    : "is not a task";
  throw new UsageError(`${target} exists and ${what}. Choose another place for the task.`);
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
