import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { IntegrityError, UsageError } from "@engraft/core/errors";
import {
  EXAMPLES_FILE,
  parseExamples,
  parseManifest,
  parseRecord,
  RECORD_FILES,
  type RecordedExample,
  requireRecordOf,
  type TaskManifest,
  type TaskRecord,
} from "@engraft/tasks/predict";
import { readPlainFile, type UnreadableFile } from "../files/plain-file.js";
import { findReplaced } from "../files/replace-folder.js";

/**
 * The report on a task, where it is not written elsewhere. It is made from the task and no part of it:
 * `task.json` does not name it, and a task that is trained anew comes without.
 */
export const REPORT_FILE = "report.html";

/** A task as files: the manifest and what it names. */
export interface TaskFiles {
  readonly manifest: TaskManifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads what a task predicts with: `task.json`, and its files but for those of the record, each
 * checked against its digest.
 *
 * @throws UsageError when the folder is not a task.
 * @throws IntegrityError when a file is missing, altered or of an unknown version.
 */
export async function readTaskFolder(path: string): Promise<TaskFiles> {
  for (let attempt = 1; ; attempt++) {
    const before = await stateOf(path);
    try {
      const manifest = parseManifest(await readManifest(path));
      const files = await readFiles(path, manifest, (name) => !RECORD_FILES.includes(name));
      return { manifest, files };
    } catch (error) {
      if (attempt === ATTEMPTS || !(await isBeingReplaced(path, before))) throw error;
      await pause(attempt * PAUSE);
    }
  }
}

/** How often a task that other processes replace again and again is read. */
const ATTEMPTS = 8;
/** Before it is read again, times the attempts so far. Milliseconds. */
const PAUSE = 20;

/** Differs between any two tasks in a place; undefined while there is none. */
export async function stateOf(path: string): Promise<string | undefined> {
  const bytes = await readPlainFile(join(path, "task.json")).catch(() => undefined);
  return bytes && createHash("sha256").update(bytes).digest("hex");
}

/** Whether another process is putting a task in the place of the one that was there a moment ago. */
async function isBeingReplaced(path: string, before: string | undefined): Promise<boolean> {
  const isChanged = before !== undefined && before !== (await stateOf(path));
  return isChanged || ((await findReplaced(path))?.isAtWork ?? false);
}

/**
 * Reads what a task remembers of its examples; undefined where it keeps none.
 *
 * @throws IntegrityError when a file is missing, altered or not valid.
 */
export async function findTaskRecord(
  path: string,
  manifest: TaskManifest,
): Promise<TaskRecord | undefined> {
  const record = parseRecord(await readRecordFiles(path, manifest, RECORD_FILES));
  if (record !== undefined) requireRecordOf(manifest, record);
  return record;
}

/**
 * Reads what a task was trained on, and nothing of what was found out about it; undefined where it
 * keeps no examples.
 *
 * @throws IntegrityError when the file is missing, altered or not valid.
 */
export async function findTaskExamples(
  path: string,
  manifest: TaskManifest,
): Promise<readonly RecordedExample[] | undefined> {
  const files = await readRecordFiles(path, manifest, [EXAMPLES_FILE]);
  const lines = files.get(EXAMPLES_FILE);
  return lines && parseExamples(lines);
}

/**
 * Reads what a task remembers of its examples.
 *
 * @throws UsageError when the task keeps no examples.
 * @throws IntegrityError when a file is missing, altered or not valid.
 */
export async function readTaskRecord(path: string, manifest: TaskManifest): Promise<TaskRecord> {
  const record = await findTaskRecord(path, manifest);
  if (record !== undefined) return record;
  throw new UsageError(
    `Task ${path} keeps no examples, which this needs. Train it again without --no-examples.`,
  );
}

async function readRecordFiles(
  path: string,
  manifest: TaskManifest,
  names: readonly string[],
): Promise<Map<string, Uint8Array>> {
  try {
    return await readFiles(path, manifest, (name) => names.includes(name));
  } catch (error) {
    const { manifest: now } = await readTaskFolder(path);
    if (JSON.stringify(now) === JSON.stringify(manifest)) throw error;
    throw new IntegrityError(
      "task/altered",
      "task.json",
      `Another process has replaced task ${path} while it was read. Run the command again.`,
      { cause: error },
    );
  }
}

async function readFiles(
  path: string,
  manifest: TaskManifest,
  isWanted: (name: string) => boolean,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [name, expected] of Object.entries(manifest.files)) {
    if (!isWanted(name)) continue;
    const read = readPlainFile(join(path, name), expected.bytes);
    const bytes = await read.catch((cause: UnreadableFile) => {
      throw altered(path, name, cause.message);
    });
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (digest !== expected.sha256) throw altered(path, name, "its SHA-256 differs from task.json");
    files.set(name, bytes);
  }
  return files;
}

/** More than any task says of itself. */
const MAX_MANIFEST = 256 * 2 ** 20;

async function readManifest(path: string): Promise<Uint8Array> {
  try {
    return await readPlainFile(join(path, "task.json"), MAX_MANIFEST);
  } catch (cause) {
    const replaced = await findReplaced(path);
    if (replaced !== undefined) {
      throw new UsageError(
        replaced.isAtWork
          ? `${path} is not there: another process is replacing it at this moment. Try again.`
          : `${path} is not there: the process that wrote it was killed. The task as it was before is in ` +
              `${replaced.path}: rename it to ${path}.`,
        { cause },
      );
    }
    throw new UsageError(
      `${path} is not a task folder: ${noManifest(cause)}. A task is what "engraft train" writes, ` +
        "a folder whose name ends in .engraft.",
      { cause },
    );
  }
}

function noManifest(cause: unknown): string {
  const { code, message } = cause as UnreadableFile;
  return code === "ENOENT" || code === "ENOTDIR"
    ? "it has no task.json"
    : `its task.json cannot be read: ${message}`;
}

function altered(path: string, name: string, why: string): IntegrityError {
  return new IntegrityError(
    "task/altered",
    name,
    `The file ${name} of task ${path} cannot be trusted: ${why}. Restore it, or train the task again.`,
  );
}
