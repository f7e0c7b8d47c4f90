import type { Dataset, OnProgress } from "@engraft/core";
import { monotonicTime } from "@engraft/core/internal";
import { type ExtendedTask, extendTask, type TaskManifest } from "@engraft/tasks";
import { trainingWarnings } from "@engraft/tasks/predict";
import { type DataOptions, readDataset } from "../data/index.js";
import { recordedImages } from "../data/recorded-images.js";
import { createNodeHost } from "../host/node-host.js";
import { stateOf } from "../host/tasks/task-state.js";
import { prepareTaskFolder } from "../host/tasks/writable-task.js";
import { version } from "../version.js";
import { dataFolder, dataPath, rememberLocation } from "./data-location.js";
import { readTaskRecord } from "./folder.js";
import { requireModality } from "./modality.js";
import { readFrozenBaseOf, readTask } from "./read-task.js";
import { Task } from "./task.js";
import { existing, openCache, writeTask } from "./train.js";

export interface ExtendOptions {
  /** Where to write the extended task. Default: in the place of the task. */
  readonly output?: string | undefined;
  /** Names of columns, where images are, and limits; all have defaults. */
  readonly columns?: DataOptions | undefined;
  /**
   * Folders with the images that the task was trained on. They are looked into for those whose layers
   * are not in the feature cache any more, and then the place where they were, relative to the task.
   */
  readonly oldData?: readonly string[] | undefined;
  /**
   * Choose views, regularisation and weights again, however little has changed. Default: where more
   * than a tenth of the examples changed since they were chosen, or the labels did.
   */
  readonly search?: boolean | undefined;
  /** Go on without bad new rows and files, and record them in the task. Default false. */
  readonly skipBad?: boolean | undefined;
  /** Use the layers of the feature cache, and keep new ones there. Default true. */
  readonly cache?: boolean | undefined;
  /** Stops the work; the task stays as it was, and features that were computed stay in the cache. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told about things that cost something without stopping the work. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** What an extension did. */
export interface Extension extends Omit<ExtendedTask, "task"> {
  /** The extended task. */
  readonly task: Task;
  /** What the task was before. */
  readonly before: TaskManifest;
}

/**
 * Adds examples, and classes, to a task without a new pass of the base over the old examples. The task
 * is replaced as a whole at the end.
 *
 * ```ts
 * const { task, before } = await extend("parts.engraft", "more-photos/");
 * console.log(before.evaluation.outOfFold.accuracy, task.manifest.evaluation.outOfFold.accuracy);
 * await task.close();
 * ```
 *
 * An example that the task has already is not added again; with another label, the new label replaces
 * the old. Of data with splits, `train` is added, and `val` and `test` are measured on.
 *
 * @param path - Task folder. It must keep its examples, and its base must not be fine-tuned.
 * @param data - A file or folder of labelled data, or a data set that was read before.
 * @throws DataError when the data cannot be used, or old images are needed and not found.
 * @throws UsageError when there is no such task, or it cannot be extended.
 * @throws OutputError when `output` cannot be written, before the work where that can be known.
 * @throws TaskChangedError when another process has written to `output` in the meantime.
 */
export async function extend(
  path: string,
  data: string | Dataset,
  options: ExtendOptions = {},
): Promise<Extension> {
  const startedAt = monotonicTime();
  const { output = path, oldData = [], search = false, skipBad = false, signal } = options;
  // Before the task is read, so that what another process writes in the meantime is noticed.
  const state = await stateOf(output);
  const old = await readTask(path);
  const record = await readTaskRecord(path, old.manifest);
  const place = await prepareTaskFolder(output, { state });
  const dataset =
    typeof data === "string"
      ? await readDataset(await existing(data), {
          ...options.columns,
          purpose: "extend",
          skipBad,
          signal,
          onWarning: options.onWarning,
        })
      : data;
  requireModality(`Task ${path}`, old.manifest.modality, dataset);
  const platform = createNodeHost();
  try {
    const base = await readFrozenBaseOf(old.manifest, path, platform);
    const remembered = await dataFolder(path, old.manifest);
    const folders = [
      ...(await Promise.all(oldData.map(existing))),
      ...(remembered === undefined ? [] : [remembered]),
    ];
    const extended = await extendTask(old, record, base, dataset, platform, {
      openCache: openCache(options, base.spec.id),
      readImage: recordedImages(folders),
      search,
      skipBad,
      signal,
      onProgress: options.onProgress,
      version,
      startedAt,
    });
    const oldPath = dataPath(path, old.manifest);
    const kept =
      oldPath === undefined ? extended.task : rememberLocation(extended.task, output, oldPath);
    await writeTask(kept, output, place, options.onWarning ?? (() => {}));
    for (const warning of trainingWarnings(kept.manifest)) options.onWarning?.(warning);
    return {
      ...extended,
      before: old.manifest,
      task: new Task(kept, base, platform),
    };
  } catch (error) {
    await platform.close();
    throw error;
  }
}
