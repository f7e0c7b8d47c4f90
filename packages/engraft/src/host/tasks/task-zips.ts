import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "@engraft/core/errors";
import {
  MANIFEST_FILE,
  openTaskZip,
  packTaskZip,
  TaskChangedError,
  type TaskStorage,
  taskNameOf,
  type UnreadableFile,
  type WritableTask,
} from "@engraft/tasks/predict";
import { requireWritable, targetOf, writeAtomically } from "../files/durable.js";
import { explained } from "../files/explain.js";
import { withLock } from "../files/lock.js";
import { readPlainFile } from "../files/plain-file.js";
import { requireReplaceableFile } from "../files/replaceable-file.js";
import { MAX_MANIFEST } from "./task-state.js";

/** Tasks in one file each; a place is the path of a ZIP archive. */
export const taskZips: TaskStorage = {
  state,
  async readManifest(path) {
    try {
      return await readFile(path, MANIFEST_FILE, MAX_MANIFEST);
    } catch (cause) {
      const { message } = cause as UnreadableFile;
      throw new UsageError(
        `${path} is not a task in one file: ${message}. Such a file is written by \`save\` or as the ` +
          "output of training, and its name ends in .engraft.zip.",
        { cause },
      );
    }
  },
  readFile,
  // A rename puts the whole file there at once.
  isBeingReplaced: () => Promise.resolve(false),
  prepare,
  nameOf: (path) => taskNameOf(basename(path)),
  reportOf: (path) => join(dirname(path), `${taskNameOf(basename(path))}.report.html`),
};

async function readFile(path: string, name: string, bytes: number): Promise<Uint8Array> {
  return openTaskZip(await readPlainFile(path)).read(name, bytes);
}

async function state(path: string): Promise<string | undefined> {
  const bytes = await readFile(path, MANIFEST_FILE, MAX_MANIFEST).catch(() => undefined);
  return bytes && createHash("sha256").update(bytes).digest("hex");
}

async function prepare(
  path: string,
  seen?: { readonly state: string | undefined },
): Promise<WritableTask> {
  await requireReplaceableFile(path, "a task", holdsTask);
  await requireWritable(path);
  const before = seen === undefined ? await state(path) : seen.state;
  return {
    async write(files) {
      await writeUnlessChanged(path, before, packTaskZip(files));
      return [];
    },
  };
}

/** @param before - The state that the place is to have still. */
async function writeUnlessChanged(
  path: string,
  before: string | undefined,
  zip: Uint8Array,
): Promise<void> {
  const target = await targetOf(path);
  await mkdir(dirname(target), { recursive: true }).catch((error: unknown) => {
    throw explained(error, target);
  });
  await withLock(target, async () => {
    await requireReplaceableFile(path, "a task", holdsTask);
    const isChanged = (await state(path)) !== before;
    if (isChanged) throw new TaskChangedError(path, await writeBeside(path, zip));
    await writeAtomically(path, zip);
  });
}

/** Whether Engraft wrote the file: a ZIP archive with the `task.json` of a task. */
function holdsTask(bytes: Uint8Array): boolean {
  try {
    const manifest = openTaskZip(bytes).read(MANIFEST_FILE, MAX_MANIFEST);
    return JSON.parse(new TextDecoder().decode(manifest))?.kind === "engraft-task";
  } catch {
    return false;
  }
}

/**
 * Writes a task beside a place that is taken: `mails-2.engraft.zip`.
 *
 * @returns Where it is.
 */
async function writeBeside(path: string, zip: Uint8Array): Promise<string> {
  const whole = basename(resolve(path));
  const name = taskNameOf(whole);
  for (let number = 2; ; number++) {
    const beside = join(dirname(path), `${name}-${number}${whole.slice(name.length)}`);
    if ((await lstat(beside).catch(() => undefined)) !== undefined) continue;
    await writeAtomically(beside, zip);
    return beside;
  }
}
