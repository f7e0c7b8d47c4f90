import type { ServedTaskInfo } from "@engraft/client";
import type { TaskManifest, TaskPredictor } from "@engraft/tasks/predict";
import type { Lane } from "./queue/lane.js";
import type { ReadFolder } from "./read-folder.js";
import type { Shared } from "./shared.js";

/**
 * A task as requests use it: its taskPredictor on a lane. It never changes: when its folder does, another one
 * takes its place, and this one is released after the last request that uses it.
 */
export class ServedTask {
  readonly folder: Omit<ReadFolder, "task">;
  readonly taskPredictor: Shared<TaskPredictor>;
  readonly lane: Shared<Lane>;

  /** Takes over the caller's share of the taskPredictor and the lane. */
  constructor(
    folder: Omit<ReadFolder, "task">,
    taskPredictor: Shared<TaskPredictor>,
    lane: Shared<Lane>,
  ) {
    const { name, path, fingerprint } = folder;
    this.folder = { name, path, fingerprint };
    this.taskPredictor = taskPredictor;
    this.lane = lane;
  }

  get manifest(): TaskManifest {
    return this.taskPredictor.value.head.manifest;
  }

  get info(): ServedTaskInfo {
    const { modality, labels, base, createdAt } = this.manifest;
    return { name: this.folder.name, modality, labels, base: base.id, createdAt };
  }

  /** The same task on another lane. */
  on(lane: Shared<Lane>): ServedTask {
    return new ServedTask(this.folder, this.taskPredictor.take(), lane.take());
  }

  async release(): Promise<void> {
    // A request that was given up may have left its questions in the batch that is running.
    await this.lane.value.settled();
    await Promise.all([this.taskPredictor.release(), this.lane.release()]);
  }
}
