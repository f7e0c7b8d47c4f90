import type { TaskManifest, TaskPredictor } from "@engraft/tasks/predict";
import type { Lane } from "../queue/lane.js";
import type { ReadFolder } from "./read-folder.js";
import type { Shared } from "./shared.js";

/** Where a task was read, without its files. */
export type TaskFolder = Omit<ReadFolder, "task">;

/**
 * A task as requests use it: its predictor on a lane. It never changes: when its folder does, another one
 * takes its place, and this one is released after the last request that uses it.
 */
export class ServedTask {
  readonly folder: TaskFolder;
  readonly predictor: Shared<TaskPredictor>;
  readonly lane: Shared<Lane>;

  /** Takes over the caller's share of the predictor and the lane. */
  constructor(folder: TaskFolder, predictor: Shared<TaskPredictor>, lane: Shared<Lane>) {
    const { name, path, fingerprint } = folder;
    this.folder = { name, path, fingerprint };
    this.predictor = predictor;
    this.lane = lane;
  }

  /** The name under which the task is asked. */
  get name(): string {
    return this.folder.name;
  }

  get manifest(): TaskManifest {
    return this.predictor.value.head.manifest;
  }

  /** The same task on another lane. */
  on(lane: Shared<Lane>): ServedTask {
    return new ServedTask(this.folder, this.predictor.take(), lane.take());
  }

  async release(): Promise<void> {
    // A request that was given up may have left its questions in the batch that is running.
    await this.lane.value.settled();
    await Promise.all([this.predictor.release(), this.lane.release()]);
  }
}
