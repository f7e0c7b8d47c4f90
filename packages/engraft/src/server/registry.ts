import type { ServedTaskInfo, TaskPredictions } from "@engraft/client";
import { UsageError } from "@engraft/core/errors";
import { ADAPTER_FILE, splitBase } from "@engraft/core/predict";
import {
  type BackboneNeeds,
  type SelectiveLimits,
  type SelectiveOptions,
  SharedBackbone,
  selectiveLimits,
  type TaskManifest,
  TaskPredictor,
  withSelection,
} from "@engraft/tasks/predict";
import type { NodeHost } from "../host/node-host.js";
import { openOutlierDetector } from "../tasks/outlier-detector.js";
import { readBaseOf, readFrozenBaseOf } from "../tasks/read-task.js";
import { ask } from "./ask.js";
import { Refusal } from "./problems.js";
import type { BatchLimits } from "./queue/batcher.js";
import type { ImageQueue } from "./queue/image-queue.js";
import { Lane, type LaneImages, type PricedInput } from "./queue/lane.js";
import type { ReadFolder } from "./read-folder.js";
import { ServedTask } from "./served-task.js";
import type { ServerMetrics } from "./server-metrics.js";
import { Shared } from "./shared.js";
import { warmUp } from "./warm-up.js";

/** How tasks are served. */
export interface RegistryOptions extends BatchLimits {
  /** Whether every prediction says how familiar its input is. */
  readonly outliers: boolean;
}

/** A task that was read, and what answers for it. */
interface OpenedFolder {
  readonly folder: ReadFolder;
  readonly taskPredictor: Shared<TaskPredictor>;
}

/** The tasks that are served. Tasks that can share a backbone are on one lane. */
export class TaskRegistry {
  readonly #platform: NodeHost;
  readonly #options: RegistryOptions;
  readonly #metrics: ServerMetrics;
  readonly #images: ImageQueue;
  /** By name, in the order in which they were loaded first. */
  readonly #tasks = new Map<string, Shared<ServedTask>>();

  /** @param images - Where the images of all tasks wait to be decoded. */
  constructor(
    platform: NodeHost,
    options: RegistryOptions,
    metrics: ServerMetrics,
    images: ImageQueue,
  ) {
    this.#images = images;
    this.#platform = platform;
    this.#options = options;
    this.#metrics = metrics;
    metrics.watchQueue(() => this.#waiting());
  }

  get tasks(): ServedTask[] {
    return Array.from(this.#tasks.values(), ({ value }) => value);
  }

  /** @throws Refusal `task/unknown` */
  info(name: string): ServedTaskInfo {
    return this.#require(name).value.info;
  }

  /**
   * Checks that at least one input can wait for every task.
   *
   * @throws Refusal `task/unknown`
   * @throws QueueFullError
   */
  requireRoom(names: readonly string[]): void {
    for (const name of names) this.#require(name).value.lane.value.requireRoom(1);
  }

  /**
   * Loads tasks, in the place of those of the same name. Requests that are under way are answered by
   * the old ones.
   *
   * @throws IntegrityError when a base model cannot be used; the old tasks stay then.
   */
  async load(folders: readonly ReadFolder[]): Promise<void> {
    const opened: OpenedFolder[] = [];
    try {
      for (const folder of folders) {
        opened.push({ folder, taskPredictor: new Shared(await this.#openTaskPredictor(folder)) });
      }
      const groups = new Map<string, OpenedFolder[]>();
      for (const each of opened) {
        const key = each.taskPredictor.value.backboneKey;
        groups.set(key, [...(groups.get(key) ?? []), each]);
      }
      for (const [key, group] of groups) await this.#loadGroup(key, group);
    } finally {
      await Promise.all(opened.map(({ taskPredictor }) => taskPredictor.release()));
    }
  }

  /**
   * Asks some tasks about all inputs.
   *
   * @param names - Tasks that are all there.
   * @throws Refusal when the queue is full, an input cannot be decoded, or a task cannot promise the
   *   selective that is asked for.
   */
  async predict(
    names: readonly string[],
    inputs: readonly PricedInput[],
    selective: SelectiveOptions,
    signal: AbortSignal,
  ): Promise<TaskPredictions[]> {
    const tasks = names.map((name) => this.#require(name).take());
    try {
      const served = tasks.map(({ value }) => value);
      requireKind(served, inputs);
      // Before the work: a promise that cannot be kept is refused for all.
      const limits = served.map(({ manifest }) => limitsOf(manifest, selective));
      const predictions = await ask(served, inputs, signal);
      for (const { task } of predictions) this.#metrics.predictions(task, inputs.length);
      return predictions.map(({ task, predictions: said }, index) => ({
        task,
        predictions: said.map((prediction) => withSelection(prediction, limits[index]!)),
      }));
    } finally {
      await Promise.all(tasks.map((task) => task.release()));
    }
  }

  /** Releases every task after the requests that use it. */
  async close(): Promise<void> {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    await Promise.all(tasks.map((task) => task.release()));
  }

  #require(name: string): Shared<ServedTask> {
    const task = this.#tasks.get(name);
    if (task !== undefined) return task;
    const known = [...this.#tasks.keys()].join(", ");
    throw new Refusal("task/unknown", `There is no task of this name. Tasks: ${known}.`);
  }

  #waiting(): number {
    const lanes = new Set(this.tasks.map(({ lane }) => lane.value));
    return [...lanes].reduce((sum, lane) => sum + lane.waiting, this.#images.waiting);
  }

  async #loadGroup(key: string, group: readonly OpenedFolder[]): Promise<void> {
    const lane = await this.#laneFor(key, group);
    try {
      const { modality } = group[0]!.folder.task.manifest;
      const readers = group.flatMap(({ taskPredictor }) => taskPredictor.value.readers);
      await warmUp(lane.value.backbone, modality, readers, this.#platform);
      for (const { folder, taskPredictor } of group) {
        await this.#put(new ServedTask(folder, taskPredictor.take(), lane.take()));
      }
    } finally {
      await lane.release();
    }
  }

  async #openTaskPredictor({ task, path }: ReadFolder): Promise<TaskPredictor> {
    const judge = this.#options.outliers
      ? await openOutlierDetector(task, path, this.#platform)
      : undefined;
    const isTuned = ADAPTER_FILE in task.manifest.files;
    const split = isTuned
      ? splitBase(await readBaseOf(task, path, this.#platform), task.manifest.columns)
      : undefined;
    return TaskPredictor.open(task, split, this.#platform, judge);
  }

  /** A lane for all of a group, of which the caller has a share. */
  async #laneFor(key: string, group: readonly OpenedFolder[]): Promise<Shared<Lane>> {
    const needed = group.map(({ taskPredictor }) => taskPredictor.value.needs);
    const peers = this.tasks.filter(({ taskPredictor }) => taskPredictor.value.backboneKey === key);
    const found = peers.find(({ lane }) =>
      needed.every((needs) => lane.value.backbone.covers(needs)),
    );
    if (found !== undefined) return found.lane.take();
    const names = new Set(group.map(({ folder }) => folder.name));
    const staying = peers.filter(({ folder }) => !names.has(folder.name));
    const kept = staying.map(({ taskPredictor }) => taskPredictor.value.needs);
    const lane = await this.#openLane(group[0]!, [...needed, ...kept]);
    for (const task of staying) await this.#put(task.on(lane));
    return lane;
  }

  async #openLane(
    { folder: { task, path }, taskPredictor }: OpenedFolder,
    needs: readonly BackboneNeeds[],
  ): Promise<Shared<Lane>> {
    const all = {
      columns: needs.flatMap(({ columns }) => columns),
      cuts: needs.flatMap(({ cuts = [] }) => cuts),
      preprocessing: task.manifest.preprocessing,
    };
    const base = taskPredictor.value.startsFrozen
      ? await readFrozenBaseOf(task.manifest, path, this.#platform)
      : await readBaseOf(task, path, this.#platform);
    const backbone = await SharedBackbone.open(base, all, this.#platform);
    const images = this.#imagesFor(task.manifest);
    return new Shared(new Lane(backbone, this.#options, this.#metrics, images));
  }

  #imagesFor({ preprocessing }: TaskManifest): LaneImages | undefined {
    if (preprocessing.kind !== "image") return undefined;
    return {
      queue: this.#images,
      prepare: (file, isLarge) =>
        this.#platform.prepareImage(file, preprocessing, undefined, isLarge),
    };
  }

  /** Puts a task in the place of the one of the same name. */
  async #put(task: ServedTask): Promise<void> {
    const { name } = task.folder;
    const old = this.#tasks.get(name);
    this.#tasks.set(name, new Shared(task));
    await old?.release();
  }
}

/** A task may have been replaced by one on other inputs since the request was read. */
function requireKind(tasks: readonly ServedTask[], inputs: readonly PricedInput[]): void {
  const changed = tasks.find(({ manifest }) =>
    inputs.some(({ input }) => input.kind !== manifest.modality),
  );
  if (changed === undefined) return;
  throw new Refusal(
    "request/media-type",
    `The task ${changed.folder.name} was replaced by one on ${changed.manifest.modality}s while the request came in.`,
  );
}

function limitsOf(manifest: TaskManifest, selective: SelectiveOptions): SelectiveLimits {
  try {
    return selectiveLimits(manifest, selective);
  } catch (error) {
    if (error instanceof UsageError) throw new Refusal("request/invalid", error.message);
    throw error;
  }
}
