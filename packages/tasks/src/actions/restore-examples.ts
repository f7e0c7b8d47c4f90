import type { BaseModel } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { LabelledFeatures } from "@engraft/core/internal";
import { restoreFeatures } from "../extend/restore-features.js";
import type { RecordedExample, TaskRecord } from "../format/files/record.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { RunOptions } from "../sources/options.js";
import type { TaskHandle } from "../task-handle.js";
import { classesWithFew } from "../train/data/prepare-training.js";
import type { Workspace } from "../workspace.js";
import { passOf, type WorkOptions } from "./options.js";

/** Where the images of a task are looked for. */
interface ImageOptions extends Pick<RunOptions, "signal"> {
  /** The place that they are in. Default: where they were when the task was trained. */
  readonly data?: string | undefined;
}

/** The images of a task, which keeps none itself. */
export interface TaskImages {
  /** @throws DataError where there is none. */
  readonly read: (example: RecordedExample) => Promise<Uint8Array>;
  /** Why images are not found, to end a sentence. */
  readonly whereabouts: string;
}

/**
 * Finds out where the images of a task are.
 *
 * @throws UsageError when there is nothing at the place that is named.
 */
export async function findImages(
  { trained, origin, data }: TaskHandle,
  options: ImageOptions,
  { host }: Workspace,
): Promise<TaskImages> {
  const place =
    trained.manifest.modality === "text"
      ? undefined
      : ((await existing(options.data, host.data)) ??
        (data && (await host.data.folderOf(data))) ??
        (origin && (await host.data.guess(origin.place))));
  return {
    read: host.data.images(place === undefined ? [] : [place], options.signal),
    whereabouts:
      place === undefined
        ? "say where the images are."
        : `they are not in ${place}. Say where they are.`,
  };
}

async function existing(
  place: string | undefined,
  data: Workspace["host"]["data"],
): Promise<string | undefined> {
  if (place === undefined) return undefined;
  const found = await data.folderOf(place);
  if (found !== undefined) return found;
  throw new UsageError(`${place} does not exist. Name the place with the images of the task.`);
}

/** Training examples of a task, as far as their layers can be read again. */
interface RestoredExamples {
  /** Undefined where a label has fewer than two examples left, which cross-validation needs. */
  readonly examples: LabelledFeatures | undefined;
  /** What cannot be read, and how to get it, as sentences. */
  readonly missing: readonly string[];
}

/** Reads the layers of a task's examples again. */
export async function restoreExamples(
  base: BaseModel,
  manifest: TaskManifest,
  record: TaskRecord,
  images: TaskImages,
  options: WorkOptions,
  workspace: Workspace,
): Promise<RestoredExamples> {
  const pass = passOf(options, base, workspace);
  const { host } = workspace;
  const { rows, examples } = await restoreFeatures(record, manifest, base, images.read, host, pass);
  const total = record.examples.length;
  const lost = total - rows.length;
  const noun = lost === 1 ? "image" : "images";
  const sentence = `The layers of ${lost} ${noun} of ${total} are neither in the feature cache nor can they be read again: ${images.whereabouts}`;
  return {
    examples:
      classesWithFew(examples.targets, examples.classes).length === 0 ? examples : undefined,
    missing: lost === 0 ? [] : [sentence],
  };
}
