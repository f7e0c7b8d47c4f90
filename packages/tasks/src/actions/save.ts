import { packFiles, type TaskFiles } from "../format/files/stored-task.js";
import type { Host, WritableTask } from "../host.js";
import type { RunOptions } from "../sources/options.js";

/** Writes a task to a place that was prepared, and says what else is there. */
export async function saveTask(
  task: TaskFiles,
  place: string,
  prepared: WritableTask,
  onWarning: RunOptions["onWarning"],
): Promise<void> {
  const kept = await prepared.write(packFiles(task));
  if (kept.length === 0) return;
  onWarning?.(`${place} holds more than the task, which is kept: ${kept.join(", ")}.`);
}

/**
 * A task that remembers where its data was, relative to the place that it is written to.
 *
 * @param data - The place of the data, or that of its images where it is another one.
 */
export function rememberLocation<T extends TaskFiles>(
  task: T,
  place: string | undefined,
  data: string | undefined,
  host: Pick<Host, "data">,
): T {
  if (place === undefined || data === undefined) return task;
  const location = host.data.locationOf(data, place);
  if (location === undefined) return task;
  const dataset = { ...task.manifest.dataset, location };
  return { ...task, manifest: { ...task.manifest, dataset } };
}
