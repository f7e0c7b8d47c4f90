import type { TrainedTask } from "./predict/open-task.js";
import type { Predictor } from "./predict/predictor.js";
import type { TaskMemory, TaskOrigin } from "./task-memory.js";

/** What all work on a task is given. */
export interface TaskHandle {
  readonly trained: TrainedTask;
  readonly memory: TaskMemory;
  /** Where it was read from or written to last; undefined where it is only in memory. */
  readonly origin: TaskOrigin | undefined;
  /** The place of the data that it was trained on, or of its images; undefined where it is not known. */
  readonly data: string | undefined;
  /** What to call the task in messages. */
  readonly name: string;
  /** Loads what predicts. */
  open(): Promise<Predictor>;
}
