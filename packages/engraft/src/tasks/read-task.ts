import { IntegrityError } from "@engraft/core/errors";
import type { BaseModel } from "@engraft/core/predict";
import {
  HEAD_FILE,
  OpenBases,
  parseVocabulary,
  readHead,
  readStoredTask,
  type TaskManifest,
  type TrainedTask,
  VOCABULARY_FILE,
} from "@engraft/tasks/predict";
import type { NodeHost } from "../host/node-host.js";
import { sha256 } from "../host/sha256.js";
import { taskFolders } from "../host/tasks/task-folders.js";

/**
 * Reads a task folder and checks its files against their digests.
 *
 * @throws UsageError when the folder is not a task.
 * @throws IntegrityError when a file of the task was altered or is missing, or when its files do not
 * fit what task.json says of them.
 */
export async function readTask(path: string): Promise<TrainedTask> {
  const { manifest, files } = await readStoredTask(path, { tasks: taskFolders, sha256 });
  const headFile = files.get(HEAD_FILE);
  if (headFile === undefined) {
    throw new IntegrityError("task/invalid", HEAD_FILE, `Task ${path} has no ${HEAD_FILE}.`);
  }
  const vocabulary = files.get(VOCABULARY_FILE);
  const tfidf = vocabulary === undefined ? undefined : parseVocabulary(vocabulary);
  return { manifest, files, head: readHead(headFile, manifest, tfidf), tfidf };
}

/**
 * Opens the base model that a task predicts with, tuned where the task has an adapter.
 *
 * @param path - Of the task, for messages.
 * @throws IntegrityError when a file of the base model was altered or is missing, or when it is not
 *   the one that the task was trained on, or lacks what the task reads.
 */
export function readBaseOf(task: TrainedTask, path: string, host: NodeHost): Promise<BaseModel> {
  return new OpenBases(host).openTuned(task, `Task ${path}`);
}

/** The same before any fine-tuning. */
export function readFrozenBaseOf(
  manifest: TaskManifest,
  path: string,
  host: NodeHost,
): Promise<BaseModel> {
  return new OpenBases(host).openFrozen(manifest, `Task ${path}`);
}
