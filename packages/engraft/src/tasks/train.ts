import { stat } from "node:fs/promises";
import {
  type BaseSpec,
  type Dataset,
  type OnProgress,
  type OnTrainingEvent,
  UsageError,
} from "@engraft/core";
import {
  baseOfTask,
  leftOutViews,
  monotonicTime,
  type OpenFeatureCache,
  openMemoryCache,
  type ViewChoice,
} from "@engraft/core/internal";
import { parseOr } from "@engraft/core/predict";
import {
  DEFAULT_BASE,
  OpenBases,
  packFiles,
  type TaskFiles,
  type TrainConfig,
  type TrainConfigInput,
  trainConfigSchema,
  trainTask,
  type WritableTask,
} from "@engraft/tasks";
import { trainingWarnings } from "@engraft/tasks/predict";
import { type DataOptions, readDataset } from "../data/index.js";
import { diskCaches } from "../host/cache/disk-cache.js";
import { cacheFolder } from "../host/cache/location.js";
import { createNodeHost } from "../host/node-host.js";
import { prepareTaskFolder } from "../host/tasks/writable-task.js";
import { version } from "../version.js";
import { rememberLocation } from "./data-location.js";
import { requireModality } from "./modality.js";
import { Task } from "./task.js";

export interface TrainOptions {
  /** Where to write the task folder; left out, the task is only in memory. */
  readonly output?: string | undefined;
  /** Names of columns, where images are, and limits; all have defaults. */
  readonly columns?: DataOptions | undefined;
  /** What to train; every part has a default. */
  readonly config?: TrainConfigInput;
  /** Go on without bad rows and files, and record them in the task. Default false. */
  readonly skipBad?: boolean | undefined;
  /** Keep computed features on disk, so that the next training on the same data is fast. Default true. */
  readonly cache?: boolean | undefined;
  /** Stops the training; features that were computed stay in the cache. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told what happens while the base is fine-tuned: every update, with its loss. */
  readonly onTrainingEvent?: OnTrainingEvent | undefined;
  /** Told about things that cost something without stopping the training. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Trains a task on labelled data: reads the layers of a frozen base model once, fits probes to them,
 * stacks the probes, and measures the result on examples that it has not seen.
 *
 * ```ts
 * const task = await train("mails.csv", { output: "mails.engraft" });
 * console.log(task.manifest.evaluation.outOfFold.accuracy);
 * const [prediction] = await task.predict(["Win a free cruise!!!"]);
 * await task.close();
 * ```
 *
 * @param data - A file or folder of labelled data, or a data set that was read before.
 * @throws DataError when the data cannot be used, listing every bad row or file.
 * @throws UsageError when the configuration is not valid, or `output` is taken by something else.
 * @throws OutputError when `output` cannot be written, before the work where that can be known.
 * @throws TaskChangedError when another process has written to `output` in the meantime.
 */
export async function train(data: string | Dataset, options: TrainOptions = {}): Promise<Task> {
  const startedAt = monotonicTime();
  const config = parseConfig(options.config ?? {});
  const { signal, onProgress, skipBad = false } = options;
  // Known now rather than after the work.
  const place = options.output === undefined ? undefined : await prepareTaskFolder(options.output);
  const dataset =
    typeof data === "string"
      ? await readDataset(await existing(data), {
          ...options.columns,
          skipBad,
          signal,
          onWarning: options.onWarning,
        })
      : data;
  const { onWarning = () => {} } = options;
  const platform = createNodeHost();
  try {
    const name = config.base ?? DEFAULT_BASE[dataset.modality];
    const base = await new OpenBases(platform).open(name, config);
    const { id, modality } = base.spec;
    const advice = `Leave the base out, or use ${DEFAULT_BASE[dataset.modality]}.`;
    requireModality(`Base model ${id}`, modality, dataset, advice);
    if (config.head === "logistic") warnOfLeftOutViews(base.spec, config.views, options.onWarning);
    const finished = await trainTask(base, dataset, config, platform, {
      openCache: openCache(options, base.spec.id),
      skipBad,
      signal,
      onProgress,
      version,
      startedAt,
      openStepEngine: platform.openStepEngine,
      onTrainingEvent: options.onTrainingEvent,
    });
    const trained =
      options.output !== undefined && typeof data === "string"
        ? rememberLocation(finished, options.output, options.columns?.imageFolder ?? data)
        : finished;
    await writeTask(trained, options.output ?? "", place, onWarning);
    for (const warning of trainingWarnings(trained.manifest)) onWarning(warning);
    return new Task(trained, await baseOfTask(base, trained.files, platform), platform);
  } catch (error) {
    await platform.close();
    throw error;
  }
}

/** Writes a task, and says what else is there. */
export async function writeTask(
  task: TaskFiles,
  path: string,
  place: WritableTask | undefined,
  onWarning: (message: string) => void,
): Promise<void> {
  const kept = (await place?.write(packFiles(task))) ?? [];
  if (kept.length > 0)
    onWarning(`${path} holds more than the task, which is kept: ${kept.join(", ")}.`);
}

/** Says which views a base of too few taps does not have. */
export function warnOfLeftOutViews(
  spec: BaseSpec,
  choice: ViewChoice,
  onWarning: TrainOptions["onWarning"],
): void {
  const names = leftOutViews(spec, choice);
  if (names.length === 0) return;
  const taps = spec.taps.map(({ name }) => name).join(", ");
  onWarning?.(
    `Base model ${spec.id} can be read at ${spec.taps.length} of its values only (${taps}). Left out, ` +
      `because they would have no layers of their own: ${names.join(", ")}.`,
  );
}

/** The cache that options ask for. */
export function openCache(
  { cache = true, onWarning = () => {} }: Pick<TrainOptions, "cache" | "onWarning">,
  base: string,
): OpenFeatureCache {
  return cache ? diskCaches(cacheFolder(), { base }, onWarning) : openMemoryCache;
}

function parseConfig(config: TrainConfigInput): TrainConfig {
  const refuse = (place: string, issue: string) =>
    new UsageError(`The training configuration is not valid at "${place}": ${issue}.`);
  return parseOr(trainConfigSchema, config, refuse);
}

/** @throws UsageError when there is nothing at a path. */
export async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return path;
  throw new UsageError(`${path} does not exist. Give a data file or a folder with labelled data.`);
}
