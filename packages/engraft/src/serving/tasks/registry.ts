import type { TaskPredictor } from "@engraft/tasks/predict";
import type { NodeHost } from "../../host/node-host.js";
import { UnknownTaskError } from "../errors.js";
import type { BatchLimits } from "../queue/batcher.js";
import type { ImageQueue } from "../queue/image-queue.js";
import { type BatchObserver, Lane } from "../queue/lane.js";
import { imagesOf, openBackbone, openPredictor } from "./open-task.js";
import type { ReadFolder } from "./read-folder.js";
import { ServedTask } from "./served-task.js";
import { Shared } from "./shared.js";
import { warmUp } from "./warm-up.js";

/** What tasks are loaded with. */
export interface RegistryParts {
  readonly host: NodeHost;
  readonly limits: BatchLimits;
  /** Whether every prediction says how far its input is from the training examples. */
  readonly outliers: boolean;
  readonly observer: BatchObserver;
  /** Where the images of all tasks wait to be decoded. */
  readonly images: ImageQueue;
}

/** A task that was read, and what answers for it. */
interface OpenedTask {
  readonly folder: ReadFolder;
  readonly predictor: Shared<TaskPredictor>;
}

/** The tasks that are loaded, by name. Tasks that can share a backbone are on one lane. */
export class TaskRegistry {
  readonly #parts: RegistryParts;
  /** In the order in which they were loaded first. */
  readonly #tasks = new Map<string, Shared<ServedTask>>();

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  get tasks(): ServedTask[] {
    return Array.from(this.#tasks.values(), ({ value }) => value);
  }

  /** @throws UnknownTaskError */
  get(name: string): Shared<ServedTask> {
    const task = this.#tasks.get(name);
    if (task !== undefined) return task;
    throw new UnknownTaskError([...this.#tasks.keys()]);
  }

  /** Inputs that wait for a pass of any backbone. */
  get waiting(): number {
    const lanes = new Set(this.tasks.map(({ lane }) => lane.value));
    return [...lanes].reduce((sum, lane) => sum + lane.waiting, 0);
  }

  /**
   * Loads tasks, in the place of those of the same name. Requests that are under way are answered by
   * the old ones.
   *
   * @throws IntegrityError when a base model cannot be used; the old tasks stay then.
   */
  async load(folders: readonly ReadFolder[]): Promise<void> {
    const { outliers, host } = this.#parts;
    const opened: OpenedTask[] = [];
    try {
      for (const folder of folders) {
        const predictor = await openPredictor(folder, outliers, host);
        opened.push({ folder, predictor: new Shared(predictor) });
      }
      const groups = new Map<string, OpenedTask[]>();
      for (const each of opened) {
        const key = each.predictor.value.backboneKey;
        groups.set(key, [...(groups.get(key) ?? []), each]);
      }
      for (const [key, group] of groups) await this.#loadGroup(key, group);
    } finally {
      await Promise.all(opened.map(({ predictor }) => predictor.release()));
    }
  }

  /** Releases every task after the requests that use it. */
  async close(): Promise<void> {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    await Promise.all(tasks.map((task) => task.release()));
  }

  async #loadGroup(key: string, group: readonly OpenedTask[]): Promise<void> {
    const lane = await this.#laneFor(key, group);
    try {
      const { modality } = group[0]!.folder.task.manifest;
      const readers = group.flatMap(({ predictor }) => predictor.value.readers);
      await warmUp(lane.value.backbone, modality, readers, this.#parts.host);
      for (const { folder, predictor } of group) {
        await this.#put(new ServedTask(folder, predictor.take(), lane.take()));
      }
    } finally {
      await lane.release();
    }
  }

  /** A lane for all of a group, of which the caller has a share. */
  async #laneFor(key: string, group: readonly OpenedTask[]): Promise<Shared<Lane>> {
    const needed = group.map(({ predictor }) => predictor.value.needs);
    const peers = this.tasks.filter(({ predictor }) => predictor.value.backboneKey === key);
    const found = peers.find(({ lane }) =>
      needed.every((needs) => lane.value.backbone.covers(needs)),
    );
    if (found !== undefined) return found.lane.take();
    const names = new Set(group.map(({ folder }) => folder.name));
    const staying = peers.filter(({ name }) => !names.has(name));
    const kept = staying.map(({ predictor }) => predictor.value.needs);
    const { host, limits, observer, images } = this.#parts;
    const { folder, predictor } = group[0]!;
    const { startsFrozen } = predictor.value;
    const backbone = await openBackbone(folder, startsFrozen, [...needed, ...kept], host);
    const decoding = imagesOf(folder.task.manifest, images, host);
    const lane = new Shared(new Lane(backbone, limits, observer, decoding));
    for (const task of staying) await this.#put(task.on(lane));
    return lane;
  }

  /** Puts a task in the place of the one of the same name. */
  async #put(task: ServedTask): Promise<void> {
    const old = this.#tasks.get(task.name);
    this.#tasks.set(task.name, new Shared(task));
    await old?.release();
  }
}
