import { UsageError } from "@engraft/core/errors";
import {
  EXAMPLES_FILE,
  parseExamples,
  parseRecord,
  RECORD_FILES,
  type RecordedExample,
  readStoredRecord,
  requireRecordOf,
  type TaskManifest,
  type TaskRecord,
} from "@engraft/tasks/predict";
import { sha256 } from "../host/sha256.js";
import { taskFolders } from "../host/tasks/task-folders.js";

const host = { tasks: taskFolders, sha256 };

/**
 * Reads what a task remembers of its examples; undefined where it keeps none.
 *
 * @throws IntegrityError when a file is missing, altered or not valid.
 */
export async function findTaskRecord(
  path: string,
  manifest: TaskManifest,
): Promise<TaskRecord | undefined> {
  const record = parseRecord(await readStoredRecord(path, manifest, RECORD_FILES, host));
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
  const files = await readStoredRecord(path, manifest, [EXAMPLES_FILE], host);
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
