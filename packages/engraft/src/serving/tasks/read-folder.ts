import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { UsageError } from "@engraft/core/errors";
import { openTask, readStoredTask, type TrainedTask } from "@engraft/tasks/predict";
import { sha256 } from "../../host/sha256.js";
import { nodeTasks } from "../../host/tasks/node-tasks.js";
import { REPORT_FILE } from "../../host/tasks/task-state.js";

const STORAGE = { tasks: nodeTasks, sha256 };

/** A task folder as it was at one moment. */
export interface ReadFolder {
  /** The name of the task in addresses. */
  readonly name: string;
  readonly path: string;
  /** Changes when any file of the task does. */
  readonly fingerprint: string | undefined;
  readonly task: TrainedTask;
}

/**
 * Reads a task folder and checks its files.
 *
 * @throws UsageError when the folder is not a task.
 * @throws IntegrityError when a file of the task was altered or is missing.
 */
export async function readFolder(path: string): Promise<ReadFolder> {
  // Before the files are read, so that a change in the meantime is noticed afterwards.
  const before = await fingerprint(path);
  return {
    name: nodeTasks.nameOf(path),
    path,
    fingerprint: before,
    task: openTask(await readStoredTask(path, STORAGE)),
  };
}

/**
 * Size, time and identity of every file that may belong to the task; undefined while there is no task
 * in the place. A report that is written into the folder changes nothing.
 */
export async function fingerprint(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (found.isFile()) return markOf(basename(path), found);
    const names = (await readdir(path)).filter((name) => !isReport(name)).sort();
    if (!names.includes("task.json")) return undefined;
    const files = names.map(async (name) => markOf(name, await stat(join(path, name))));
    return (await Promise.all(files)).join("\n");
  } catch {
    // A folder that is being replaced is not there for a moment.
    return undefined;
  }
}

function markOf(name: string, { size, mtimeMs, ino }: Stats): string {
  return `${name} ${size} ${mtimeMs} ${ino}`;
}

/** Whether a file is the report on a task, or a temporary one that becomes it. */
function isReport(name: string): boolean {
  return name === REPORT_FILE || name.startsWith(`.${REPORT_FILE}.`);
}

/** @throws UsageError when two folders would be one task. */
export function requireDistinctNames(paths: readonly string[]): void {
  const byName = new Map<string, string>();
  for (const path of paths) {
    const name = nodeTasks.nameOf(path);
    const other = byName.get(name);
    if (other !== undefined) {
      throw new UsageError(
        `${other} and ${path} would both be the task "${name}". Rename one of the folders.`,
      );
    }
    byName.set(name, path);
  }
}
