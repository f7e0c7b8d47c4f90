import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "@engraft/core/errors";
import type { RecordedExample, TaskManifest } from "@engraft/tasks";
import { recordedImages } from "../data/recorded-images.js";
import { dataFolder } from "./data-location.js";

/** The images of a task, which keeps none itself, in a folder. */
export class ImageFolder {
  /** Undefined where nobody said where the images are. */
  readonly path: string | undefined;
  /**
   * The file of an example: the one with the bytes that the task was trained on.
   *
   * @throws DataError where there is none.
   */
  readonly read: (example: RecordedExample) => Promise<Uint8Array>;

  constructor(path: string | undefined, signal: AbortSignal | undefined) {
    this.path = path;
    this.read = recordedImages(path === undefined ? [] : [path], signal);
  }
}

/**
 * Where the images of a task are: in the folder that is named or that holds the named file, else
 * where they were when it was trained, relative to the task, else in the folder that `train` names
 * tasks for, `photos/` for `photos.engraft`.
 *
 * @throws UsageError when there is nothing at the named place.
 */
export async function imagesOf(
  task: string,
  data: string | undefined,
  manifest: TaskManifest,
): Promise<string | undefined> {
  const named =
    data ?? (await dataFolder(task, manifest)) ?? resolve(task).replace(/\.engraft$/, "");
  const found = await stat(named).catch(() => undefined);
  if (found === undefined && data !== undefined) {
    throw new UsageError(`${data} does not exist. Name the folder with the images of the task.`);
  }
  if (found?.isDirectory()) return named === resolve(task) ? undefined : named;
  return data === undefined ? undefined : dirname(named);
}
