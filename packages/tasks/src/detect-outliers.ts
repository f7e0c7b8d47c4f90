import type { TrainedTask } from "./predict/open-task.js";
import type { OutlierDetector } from "./predict/outlier-detector.js";
import { TaskMemory, type TaskOrigin } from "./task-memory.js";
import type { Workspace } from "./workspace.js";

/**
 * Makes what scores how unlike the training examples of a task inputs are.
 *
 * @param origin - Where the task was read from.
 * @throws UsageError when the task keeps no examples.
 * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
 */
export async function detectOutliers(
  trained: TrainedTask,
  origin: TaskOrigin,
  { host, bases }: Workspace,
): Promise<OutlierDetector> {
  // Loaded late: a prediction without it is ready sooner.
  const { OutlierDetector } = await import("./predict/outlier-detector.js");
  const record = await new TaskMemory(trained, origin, host).require();
  const base = await bases.openFrozen(trained.manifest, `Task ${origin.place}`);
  return OutlierDetector.open(trained.manifest, record, base, host);
}
