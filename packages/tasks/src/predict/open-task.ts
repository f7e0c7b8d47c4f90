import { IntegrityError } from "@engraft/core/errors";
import { readHead } from "../format/files/read-head.js";
import type { TaskFiles } from "../format/files/stored-task.js";
import { parseVocabulary } from "../format/files/vocabulary.js";
import { HEAD_FILE, VOCABULARY_FILE } from "../format/manifest/task-files.js";
import type { TaskParts } from "./task-head.js";

/** A task that was just trained or read: its parts, and the files to keep. */
export interface TrainedTask extends TaskParts {
  /** Content of every file but `task.json`, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The trained parts of a task out of its files.
 *
 * @throws IntegrityError when the files do not fit what task.json says of them.
 */
export function openTask({ manifest, files }: TaskFiles): TrainedTask {
  const headFile = files.get(HEAD_FILE);
  if (headFile === undefined) {
    throw new IntegrityError("task/invalid", HEAD_FILE, `The task has no ${HEAD_FILE}.`);
  }
  const vocabulary = files.get(VOCABULARY_FILE);
  const tfidf = vocabulary === undefined ? undefined : parseVocabulary(vocabulary);
  return { manifest, files, head: readHead(headFile, manifest, tfidf), tfidf };
}
