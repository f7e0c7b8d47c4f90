import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
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
} from "@engraft/core/predict";
import { findReplaced, writeFolderAtomically } from "../files.js";
import { readPlainFile, type UnreadableFile } from "../plain-file.js";

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
 * Writes a task folder so that it is complete or as it was before. A task that is there is replaced.
 *
 * @throws UsageError when the place is taken by something that is not a task.
 */
export async function writeTaskFolder(path: string, { manifest, files }: TaskFiles): Promise<void> {
  await requireReplaceable(path);
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFolderAtomically(path, new Map([...files, ["task.json", json]]));
}

/**
 * Reads what a task predicts with: `task.json`, and its files but for those of the record, each
 * checked against its digest.
 *
 * @throws UsageError when the folder is not a task.
 * @throws IntegrityError when a file is missing, altered or of an unknown version.
 */
export async function readTaskFolder(path: string): Promise<TaskFiles> {
  const manifest = parseManifest(await readManifest(path));
  const files = await readFiles(path, manifest, (name) => !RECORD_FILES.includes(name));
  return { manifest, files };
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
  const files = await readFiles(path, manifest, (name) => RECORD_FILES.includes(name));
  const record = parseRecord(files);
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
  const files = await readFiles(path, manifest, (name) => name === EXAMPLES_FILE);
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
        `${path} is not there: the process that wrote it was killed. The task as it was before is in ` +
          `${replaced}: rename it to ${path}.`,
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

/**
 * Makes sure that a task can be written to a place: nothing is there, or another task.
 *
 * @throws UsageError when the place is taken by something that is not a task.
 */
export async function requireReplaceable(path: string): Promise<void> {
  const target = resolve(path);
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined) return;
  const names = entry.isDirectory() ? await readdir(target) : undefined;
  if (names?.length === 0 || names?.includes("task.json")) return;
  throw new UsageError(
    `${target} exists and is not a task. Choose another place for the task with -o.`,
  );
}
