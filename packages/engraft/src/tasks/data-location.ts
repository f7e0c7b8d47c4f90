import { stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { TaskManifest } from "@engraft/tasks";
import type { TrainedTask } from "@engraft/tasks/predict";
import type { DataOptions } from "../data/index.js";

/**
 * A task that remembers where its data was, relative to the folder that it is written to.
 *
 * @param data - The data, or the folder of its images where that is another one.
 */
export function rememberLocation(task: TrainedTask, folder: string, data: string): TrainedTask {
  const path = relative(resolve(folder), resolve(data));
  // On another drive of Windows there is no relative path, and a folder around the task has no name.
  if (isAbsolute(path) || /(?:^|[\\/])\.{0,2}$/.test(path)) return task;
  const dataset = { ...task.manifest.dataset, location: path.split(sep).join("/") };
  return { ...task, manifest: { ...task.manifest, dataset } };
}

/** The data of a task as a path, wherever the task is now; undefined where it does not say. */
export function dataPath(folder: string, { dataset }: TaskManifest): string | undefined {
  return dataset.location === undefined ? undefined : resolve(folder, dataset.location);
}

/** The folder of the data of a task, if it is there: the folder itself, or the one of the data file. */
export async function dataFolder(
  folder: string,
  manifest: TaskManifest,
): Promise<string | undefined> {
  const path = dataPath(folder, manifest);
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || found === undefined) return undefined;
  return found.isDirectory() ? path : dirname(path);
}

/** How data is read for a task: images that are not beside it are looked for where the task had its own. */
export async function withFormerFolder(
  columns: DataOptions = {},
  folder: string,
  manifest: TaskManifest,
): Promise<DataOptions> {
  return { ...columns, formerFolder: await dataFolder(folder, manifest) };
}
