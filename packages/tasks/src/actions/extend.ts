import type { BaseModel } from "@engraft/core";
import { type ExtendedTask, type ExtensionChanges, extendTask } from "../extend/extend.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { trainingWarnings } from "../format/manifest/warnings.js";
import { requireModality } from "../sources/open-inputs.js";
import type { DataSource, UnlabelledSource } from "../sources/source.js";
import type { TaskHandle } from "../task-handle.js";
import type { ClassShares } from "../train/data/class-shares.js";
import type { Workspace } from "../workspace.js";
import { passOf, readingOf, type WorkOptions } from "./options.js";
import { rememberLocation, saveTask } from "./save.js";
import { type UnlabelledPlaces, withUnlabelled } from "./unlabelled.js";

/** How a task is extended. */
export interface ExtendOptions extends WorkOptions {
  /**
   * Examples without a label, as in training; a task does not keep those that it learned from.
   */
  readonly unlabelled?: UnlabelledSource | UnlabelledPlaces | undefined;
  /**
   * What part of the unlabelled examples has each label, by label, where it is known: `{ spam: 0.28,
   * ham: 0.72 }`. Default: they are taken to be equally frequent.
   */
  readonly classShares?: ClassShares | undefined;
  /**
   * Keep vectors of the unlabelled examples in the task, to classify by their neighbours: right more often
   * with few labels. They are numbers, no texts or images, but say something about each example.
   * Default: no unlabelled example is kept in any form.
   */
  readonly keepUnlabelled?: boolean | undefined;
  /** Where to write the extended task; left out, it is only in memory until it is saved. */
  readonly output?: string | undefined;
  /**
   * Places with the images that the task was trained on. They are looked into for those whose layers
   * are not in the feature cache any more, and then the place where they were, relative to the task.
   */
  readonly oldData?: readonly string[] | undefined;
  /**
   * Choose views, regularisation and weights again, however little has changed. Default: where more
   * than a tenth of the examples changed since they were chosen, or the labels did.
   */
  readonly search?: boolean | undefined;
}

/** What an extension changed. */
export interface Extension extends ExtensionChanges {
  /** What the task was before. */
  readonly before: TaskManifest;
}

/** An extended task, the base that it predicts with, and what changed. */
export interface ExtendedWithBase {
  readonly trained: ExtendedTask["task"];
  readonly base: BaseModel;
  readonly extension: Extension;
}

function withoutThem(name: string): string {
  return (
    `${name} has learned from unlabelled examples, which a task does not keep. It learns from labels ` +
    "alone now; give unlabelled examples again (option unlabelled) to learn from them."
  );
}

/** Adds examples and classes to a task; `Task.extend` is its form for programs. */
export async function extend(
  { trained: old, memory, origin, data, name }: TaskHandle,
  source: DataSource,
  options: ExtendOptions,
  workspace: Workspace,
): Promise<ExtendedWithBase> {
  const { host, bases } = workspace;
  const startedAt = host.clock.now();
  const { output, oldData = [], search = false, onWarning } = options;
  const record = await memory.require();
  // In its own place the state is that which the task was read in: what others write since is noticed.
  const seen = output !== undefined && output === origin?.place ? origin : undefined;
  const place = output === undefined ? undefined : await host.tasks.prepare(output, seen);
  const labelled = await host.data.dataset(source, readingOf(options, "extend"));
  requireModality(name, old.manifest.modality, labelled);
  const dataset = await withUnlabelled(labelled, options.unlabelled, options, workspace);
  if (old.manifest.unlabelled?.used && !dataset.unlabelled?.length) onWarning?.(withoutThem(name));
  const base = await bases.openFrozen(old.manifest, name);
  const former = data === undefined ? undefined : await host.data.folderOf(data);
  const places = [...oldData, ...(former === undefined ? [] : [former])];
  const { task, ...changes } = await extendTask(old, record, base, dataset, host, {
    ...passOf(options, base, workspace),
    readImage: host.data.images(places, options.signal),
    search,
    classShares: options.classShares,
    keepUnlabelled: options.keepUnlabelled,
    version: host.version,
    startedAt,
  });
  const trained = rememberLocation(task, output, data, host);
  if (place !== undefined) await saveTask(trained, output ?? "", place, onWarning);
  for (const warning of trainingWarnings(trained.manifest)) onWarning?.(warning);
  return { trained, base, extension: { ...changes, before: old.manifest } };
}
