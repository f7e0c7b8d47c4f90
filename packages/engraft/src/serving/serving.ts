import type { Modality } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type {
  SelectiveLimits,
  SelectiveOptions,
  SelectivePrediction,
} from "@engraft/tasks/predict";
import { selectiveLimits, withSelection } from "@engraft/tasks/predict";
import { createNodeHost, type NodeHost } from "../host/node-host.js";
import { ModalityError, NotPromisedError, TooManyInputsError } from "./errors.js";
import type { PricedInput } from "./inputs/priced-input.js";
import { readImages } from "./inputs/read-images.js";
import { ServingMetrics } from "./metrics/serving-metrics.js";
import type { ServingOptions } from "./options.js";
import { ask } from "./queue/ask.js";
import { ImageQueue } from "./queue/image-queue.js";
import type { Lane } from "./queue/lane.js";
import { imageMemory } from "./queue/memory.js";
import { readFolder, requireDistinctNames } from "./tasks/read-folder.js";
import { TaskRegistry } from "./tasks/registry.js";
import { type ReloadEvent, Reloader } from "./tasks/reload.js";
import type { ServedTask } from "./tasks/served-task.js";

/** What one task says about the inputs of a request. */
export interface TaskAnswer {
  /** Name of the task. */
  readonly task: string;
  /** One for each input, in order. */
  readonly predictions: readonly SelectivePrediction[];
}

/** What a request asks for beside its inputs. */
export interface AskOptions extends SelectiveOptions {
  /** Name so many of the most probable labels of each input, best first. Default: none. */
  readonly topK?: number | undefined;
  /** Gives the request up: its reason is thrown, and inputs that still wait leave the queue. */
  readonly signal: AbortSignal;
}

/**
 * Loaded tasks that answer many requests at once: tasks on one base share it and its batches, queues are
 * fair and bounded, and a task whose folder changes is loaded again. It knows nothing of HTTP: a server, a
 * worker on a queue or a test carries the requests. What it refuses is a `ServingError`.
 */
export class Serving {
  readonly options: ServingOptions;
  readonly metrics: ServingMetrics;
  readonly #host: NodeHost;
  readonly #images: ImageQueue;
  readonly #registry: TaskRegistry;
  readonly #reloader: Reloader;

  private constructor(options: ServingOptions, onReload: (event: ReloadEvent) => void) {
    this.options = options;
    const host = createNodeHost();
    const images = new ImageQueue({ ...options, threads: host.runtime.concurrency });
    const metrics = new ServingMetrics(() => registry.waiting + images.waiting);
    const { outliers } = options;
    const registry = new TaskRegistry({
      host,
      limits: options,
      outliers,
      observer: metrics,
      images,
    });
    this.metrics = metrics;
    this.#host = host;
    this.#images = images;
    this.#registry = registry;
    this.#reloader = new Reloader(registry, (event) => {
      metrics.reload(event.task, event.outcome);
      onReload(event);
    });
  }

  /**
   * Loads tasks.
   *
   * @param paths - Task folders; each task is asked under the name of its folder.
   * @param onReload - Learns what became of a folder that has changed. Default: nobody does.
   * @throws UsageError when a folder is not a task, or two have the same name.
   * @throws IntegrityError when a file of a task or of its base model was altered or is missing.
   */
  static async open(
    paths: readonly string[],
    options: ServingOptions,
    onReload: (event: ReloadEvent) => void = () => {},
  ): Promise<Serving> {
    requireDistinctNames(paths);
    const serving = new Serving(options, onReload);
    try {
      await serving.#registry.load(await Promise.all(paths.map(readFolder)));
      const memory = options.maxImageMemory ?? imageMemory(process.memoryUsage.rss());
      serving.#images.setMemory(memory);
      return serving;
    } catch (error) {
      await serving.close();
      throw error;
    }
  }

  /** The tasks, in the order in which they were given. */
  get tasks(): readonly ServedTask[] {
    return this.#registry.tasks;
  }

  /** Checks the task folders for changes from now on, as often as the options say. */
  startReloading(): void {
    const { reloadEvery } = this.options;
    if (reloadEvery > 0) this.#reloader.start(reloadEvery);
  }

  /** Checks the task folders once, and loads what has changed. */
  reload(): Promise<void> {
    return this.#reloader.check();
  }

  /** @throws UnknownTaskError when no task of the name is served. */
  task(name: string): ServedTask {
    return this.#registry.get(name).value;
  }

  /** Names of the tasks on a kind of inputs. */
  namesFor(modality: Modality): string[] {
    return this.tasks.flatMap(({ name, manifest }) => (manifest.modality === modality ? name : []));
  }

  /**
   * Checks that inputs find a place in the queues of all tasks. `predict` checks the same; whoever reads a
   * request may ask first, and need not read what would be refused.
   *
   * @throws UnknownTaskError
   * @throws OverloadedError when too many inputs wait.
   * @throws TooManyInputsError when so many inputs may never wait.
   */
  requireRoom(names: readonly string[], inputs: number): void {
    requireRoom(
      names.map((name) => this.task(name)),
      inputs,
      this.options.maxQueue,
    );
  }

  /**
   * Makes inputs of encoded images, by their heads only.
   *
   * @throws UnreadableInputsError when a file is not an image that can be decoded here.
   */
  readImages(files: readonly Uint8Array[]): Promise<PricedInput[]> {
    const { maxImagePixels } = this.options;
    return readImages(files, { maxPixels: maxImagePixels, maxCost: this.#images.maxCost });
  }

  /**
   * Asks some tasks about all inputs.
   *
   * @returns The answers in the order of the names.
   * @throws ServingError when the request cannot be answered: then no input of it is.
   */
  async predict(
    names: readonly string[],
    inputs: readonly PricedInput[],
    { signal, topK, ...selective }: AskOptions,
  ): Promise<TaskAnswer[]> {
    // Shares: a task that is replaced meanwhile is released after the request.
    const shares = names.map((name) => this.#registry.get(name).take());
    try {
      const tasks = shares.map(({ value }) => value);
      for (const task of tasks) requireModality(task, inputs);
      const limits = tasks.map((task) => limitsOf(task, selective));
      requireRoom(tasks, inputs.length, this.options.maxQueue);
      const asked = tasks.map(({ predictor, lane }) => ({
        predictor: predictor.value,
        lane: lane.value,
      }));
      const answers = await ask(asked, inputs, signal);
      return tasks.map(({ name }, index) => {
        this.metrics.predictions(name, inputs.length);
        const select = (prediction: SelectivePrediction): SelectivePrediction =>
          withSelection(prediction, limits[index]!, topK);
        return { task: name, predictions: answers[index]!.map(select) };
      });
    } finally {
      await Promise.all(shares.map((share) => share.release()));
    }
  }

  /** Answers the requests that were taken, then releases the tasks and the threads. */
  async close(): Promise<void> {
    await this.#reloader.stop();
    await this.#registry.close();
    await this.#host.close();
  }
}

/** All or none: what one lane takes while another refuses would be work for nobody. */
function requireRoom(tasks: readonly ServedTask[], inputs: number, most: number): void {
  if (inputs > most) throw new TooManyInputsError(inputs, most);
  const lanes = new Set<Lane>(tasks.map(({ lane }) => lane.value));
  for (const lane of lanes) lane.requireRoom(inputs);
}

/** A task may have been replaced by one on other inputs since the request was read. */
function requireModality({ name, manifest }: ServedTask, inputs: readonly PricedInput[]): void {
  if (inputs.every(({ input }) => input.kind === manifest.modality)) return;
  throw new ModalityError(name, manifest.modality);
}

function limitsOf({ name, manifest }: ServedTask, selective: SelectiveOptions): SelectiveLimits {
  try {
    return selectiveLimits(manifest, selective);
  } catch (error) {
    if (error instanceof UsageError) throw new NotPromisedError(name, error);
    throw error;
  }
}
