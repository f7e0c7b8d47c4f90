import type { OutlierDetector } from "@engraft/tasks";
import type { TrainedTask } from "@engraft/tasks/predict";
import type { NodeHost } from "../host/node-host.js";
import { readTaskRecord } from "./folder.js";
import { readFrozenBaseOf } from "./read-task.js";

/**
 * Makes the judge of what is unlike the examples of a task.
 *
 * @param path - Of the task.
 * @throws UsageError when the task keeps no examples.
 * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
 */
export async function openOutlierDetector(
  { manifest }: TrainedTask,
  path: string,
  platform: NodeHost,
): Promise<OutlierDetector> {
  // Loaded late: a prediction without it is ready sooner.
  const { OutlierDetector } = await import("@engraft/tasks");
  const record = await readTaskRecord(path, manifest);
  return OutlierDetector.open(
    manifest,
    record,
    await readFrozenBaseOf(manifest, path, platform),
    platform,
  );
}
