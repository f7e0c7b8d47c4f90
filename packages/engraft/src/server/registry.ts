import type { Input } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import { TaskHead, Trunk, trunkKey } from "@engraft/core/predict";
import type { ServedTaskInfo, TaskPredictions } from "../client/types.js";
import type { NodePlatform } from "../platform/node-platform.js";
import { readBaseOf } from "../tasks/read-task.js";
import type { BatchLimits } from "./batcher.js";
import { Lane } from "./lane.js";
import { Refusal } from "./problems.js";
import type { ReadFolder } from "./read-folder.js";
import { ServedTask } from "./served-task.js";
import type { ServerMetrics } from "./server-metrics.js";
import { Shared } from "./shared.js";
import { warmUp } from "./warm-up.js";

/** The tasks that are served. Tasks that can share a trunk are on one lane. */
export class TaskRegistry {
  readonly #platform: NodePlatform;
  readonly #limits: BatchLimits;
  readonly #metrics: ServerMetrics;
  /** By name, in the order in which they were loaded first. */
  readonly #tasks = new Map<string, Shared<ServedTask>>();

  constructor(platform: NodePlatform, limits: BatchLimits, metrics: ServerMetrics) {
    this.#platform = platform;
    this.#limits = limits;
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
   * Loads tasks, in the place of those of the same name. Requests that are under way are answered by
   * the old ones.
   *
   * @throws IntegrityError when a base model cannot be used; the old tasks stay then.
   */
  async load(folders: readonly ReadFolder[]): Promise<void> {
    const groups = new Map<string, ReadFolder[]>();
    for (const folder of folders) {
      const key = trunkKey(folder.task.manifest);
      groups.set(key, [...(groups.get(key) ?? []), folder]);
    }
    for (const [key, group] of groups) await this.#loadGroup(key, group);
  }

  /**
   * Asks some tasks about all inputs.
   *
   * @param names - Tasks that are all there.
   * @throws Refusal when the queue is full or an input cannot be decoded.
   */
  async predict(
    names: readonly string[],
    inputs: readonly Input[],
    signal: AbortSignal,
  ): Promise<TaskPredictions[]> {
    const tasks = names.map((name) => this.#require(name).take());
    try {
      const served = tasks.map(({ value }) => value);
      const predictions = await ask(served, inputs, signal);
      for (const { task } of predictions) this.#metrics.predictions(task, inputs.length);
      return predictions;
    } finally {
      await Promise.all(tasks.map((task) => task.letGo()));
    }
  }

  /** Releases every task after the requests that use it. */
  async close(): Promise<void> {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    await Promise.all(tasks.map((task) => task.letGo()));
  }

  #require(name: string): Shared<ServedTask> {
    const task = this.#tasks.get(name);
    if (task !== undefined) return task;
    const known = [...this.#tasks.keys()].join(", ");
    throw new Refusal("task/unknown", `There is no task of this name. Tasks: ${known}.`);
  }

  #waiting(): number {
    const lanes = new Set(this.tasks.map(({ lane }) => lane.value));
    return [...lanes].reduce((sum, { batcher }) => sum + batcher.waiting, 0);
  }

  async #loadGroup(key: string, group: readonly ReadFolder[]): Promise<void> {
    const lane = await this.#laneFor(key, group);
    try {
      for (const folder of group) {
        const head = new Shared(await TaskHead.open(folder.task, this.#platform));
        await this.#put(new ServedTask(folder, head, lane.take()));
      }
    } finally {
      await lane.letGo();
    }
  }

  /** A lane for all of a group, of which the caller has a share. */
  async #laneFor(key: string, group: readonly ReadFolder[]): Promise<Shared<Lane>> {
    const peers = this.tasks.filter(({ manifest }) => trunkKey(manifest) === key);
    const needed = group.map(({ task }) => task.manifest);
    const found = peers.find(({ lane }) =>
      needed.every((manifest) => lane.value.trunk.covers(manifest)),
    );
    if (found !== undefined) return found.lane.take();
    const names = new Set(group.map(({ name }) => name));
    const staying = peers.filter(({ folder }) => !names.has(folder.name));
    const columns = [...needed, ...staying.map(({ manifest }) => manifest)].flatMap(
      (manifest) => manifest.columns,
    );
    const lane = await this.#openLane(group[0]!, columns);
    for (const task of staying) await this.#put(task.on(lane));
    return lane;
  }

  async #openLane(
    { task, path }: ReadFolder,
    columns: ReadFolder["task"]["manifest"]["columns"],
  ): Promise<Shared<Lane>> {
    const base = await readBaseOf(task, path, this.#platform);
    const trunk = await Trunk.open(base, { ...task.manifest, columns }, this.#platform);
    await warmUp(trunk, task.manifest.modality, this.#platform);
    return new Shared(new Lane(trunk, this.#limits, this.#metrics));
  }

  /** Puts a task in the place of the one of the same name. */
  async #put(task: ServedTask): Promise<void> {
    const { name } = task.folder;
    const old = this.#tasks.get(name);
    this.#tasks.set(name, new Shared(task));
    await old?.letGo();
  }
}

/** Puts the inputs before every lane that the tasks are on, each once. */
async function ask(
  tasks: readonly ServedTask[],
  inputs: readonly Input[],
  signal: AbortSignal,
): Promise<TaskPredictions[]> {
  const headsOf = new Map<Lane, TaskHead[]>();
  for (const { lane, head } of tasks) {
    headsOf.set(lane.value, [...(headsOf.get(lane.value) ?? []), head.value]);
  }
  // All or none: what one lane has taken while another refuses would be work for nobody.
  for (const { batcher } of headsOf.keys()) batcher.requireRoom(inputs.length);
  const results = await Promise.allSettled(
    Array.from(headsOf, ([{ batcher }, heads]) =>
      batcher.submit(
        inputs.map((input) => ({ input, heads })),
        signal,
      ),
    ),
  );
  const said = inputs.map(() => new Map<TaskHead, TaskPredictions["predictions"][number]>());
  const problems = new Map<number, DataError>();
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
    for (const [row, answer] of result.value.entries()) {
      if (answer instanceof DataError) problems.set(row, answer);
      else for (const [head, prediction] of answer) said[row]!.set(head, prediction);
    }
  }
  if (problems.size > 0) throw unreadable(problems);
  return tasks.map(({ folder, head }) => ({
    task: folder.name,
    predictions: said.map((predictions) => predictions.get(head.value)!),
  }));
}

function unreadable(problems: ReadonlyMap<number, DataError>): Refusal {
  const errors = Array.from(problems, ([row, { message }]) => ({
    where: `inputs.${row}`,
    what: message,
  }));
  return new Refusal("input/unreadable", "Some inputs cannot be decoded; see errors.", { errors });
}
