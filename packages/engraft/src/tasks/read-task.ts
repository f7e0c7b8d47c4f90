import { IntegrityError } from "@engraft/core/errors";
import { type BaseModel, baseOfTask } from "@engraft/core/predict";
import {
  HEAD_FILE,
  parseVocabulary,
  readHead,
  requireBaseOf,
  type TaskManifest,
  type TrainedTask,
  VOCABULARY_FILE,
} from "@engraft/tasks/predict";
import { resolveBase } from "../bases/resolve.js";
import type { NodePlatform } from "../host/node-platform.js";
import { readTaskFolder } from "./folder.js";

/**
 * Reads a task folder and checks its files against their digests.
 *
 * @throws UsageError when the folder is not a task.
 * @throws IntegrityError when a file of the task was altered or is missing, or when its files do not
 * fit what task.json says of them.
 */
export async function readTask(path: string): Promise<TrainedTask> {
  const { manifest, files } = await readTaskFolder(path);
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
export async function readBaseOf(
  { manifest, files }: TrainedTask,
  path: string,
  platform: NodePlatform,
): Promise<BaseModel> {
  return baseOfTask(await readFrozenBaseOf(manifest, path, platform), files, platform);
}

/** The same before any fine-tuning. */
export async function readFrozenBaseOf(
  manifest: TaskManifest,
  path: string,
  platform: NodePlatform,
): Promise<BaseModel> {
  const { id, digest } = manifest.base;
  const base = await resolveBase(id, platform, manifest.config);
  if (base.digest !== digest) {
    throw new IntegrityError(
      "base/altered",
      id,
      `Task ${path} was trained on another version of base model ${id}: the digest of ` +
        `its files is ${base.digest}, the task needs ${digest}. Restore the files, or train again.`,
    );
  }
  requireBaseOf(manifest, base);
  return base;
}
