import { basename, join, resolve } from "node:path";
import { UsageError } from "@engraft/core/errors";
import {
  MANIFEST_FILE,
  type TaskStorage,
  taskNameOf,
  type UnreadableFile,
} from "@engraft/tasks/predict";
import { readPlainFile } from "../files/plain-file.js";
import { findReplaced } from "../files/replace-folder.js";
import { MAX_MANIFEST, REPORT_FILE, stateOf } from "./task-state.js";
import { prepareTaskFolder } from "./writable-task.js";

/** Tasks as folders; a place is the path of one. */
export const taskFolders: TaskStorage = {
  state: stateOf,
  readManifest,
  readFile: (place, name, bytes) => readPlainFile(join(place, name), { most: bytes }),
  isBeingReplaced: async (place) => (await findReplaced(place))?.isAtWork ?? false,
  prepare: prepareTaskFolder,
  nameOf: (place) => taskNameOf(basename(resolve(place))),
  reportOf: (place) => join(place, REPORT_FILE),
};

async function readManifest(path: string): Promise<Uint8Array> {
  try {
    return await readPlainFile(join(path, MANIFEST_FILE), { most: MAX_MANIFEST });
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
      `${path} is not a task folder: ${noManifest(cause)}. A task is what training writes, ` +
        "a folder whose name ends in .engraft or a file that ends in .engraft.zip.",
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
