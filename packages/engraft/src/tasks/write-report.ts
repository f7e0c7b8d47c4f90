import { basename, join, resolve } from "node:path";
import type { BaseModel, OnProgress } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import type { ReportData } from "@engraft/report";
import {
  counted,
  findingsOf,
  isReport,
  mapOf,
  renderReport,
  shownRows,
  targetsOf,
} from "@engraft/report";
import {
  type JudgedLabel,
  judgeLabels,
  restoreFeatures,
  studyTask,
  type TaskManifest,
  type TaskRecord,
  type TaskStudy,
} from "@engraft/tasks";
import { trainingWarnings } from "@engraft/tasks/predict";
import { requireWritable, writeAtomically } from "../host/files/durable.js";
import { requireReplaceableFile } from "../host/files/replaceable-file.js";
import { createNodeHost, type NodeHost } from "../host/node-host.js";
import { REPORT_FILE } from "../host/tasks/task-state.js";
import { thumbnailOf } from "../host/thumbnail.js";
import { findTaskRecord } from "./folder.js";
import { readFrozenBaseOf, readTask } from "./read-task.js";
import { ImageFolder, imagesOf } from "./report-images.js";
import { openCache } from "./train.js";

export interface ReportOptions {
  /** Where to write. Default: `report.html` in the task folder. */
  readonly output?: string | undefined;
  /**
   * For a task on images, the folder that they are in, under whatever names; of a data file, the
   * folder that holds it. Default: `photos/` for a task `photos.engraft`, if it is there.
   */
  readonly data?: string | undefined;
  /** Look for the layers of the examples in the feature cache, and keep them there. Default true. */
  readonly cache?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told about things that cost something without stopping the work. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A report that was written, and what stands in it. */
export interface WrittenReport {
  /** The file. */
  readonly output: string;
  readonly bytes: number;
  /** The things to know about the task, as sentences; the most important first. */
  readonly findings: readonly string[];
  /** What to know before believing the figures, as sentences: labels that look alike, texts cut. */
  readonly warnings: readonly string[];
  /** What the report is without, and how to get it, as sentences. */
  readonly missing: readonly string[];
  /** Labels that are probably wrong, the worst first; undefined where the task keeps no examples. */
  readonly labelErrors: readonly SuspiciousExample[] | undefined;
  /** Learning curve and layers; undefined where they cannot be measured. */
  readonly study: TaskStudy | undefined;
}

/** A training example whose label is probably wrong. */
export interface SuspiciousExample {
  readonly source: string;
  readonly text: string | undefined;
  readonly given: string;
  readonly suggested: string;
  readonly probabilityOfGiven: number;
  readonly probabilityOfSuggested: number;
  /** Share of the nearest neighbours that have another label; undefined where there are none to ask. */
  readonly neighboursDisagreeing: number | undefined;
}

/** What `report` does, with all that drawing takes. */
export async function writeReport(
  taskFolder: string,
  options: ReportOptions,
): Promise<WrittenReport> {
  const { manifest } = await readTask(taskFolder);
  const output = options.output ?? join(taskFolder, REPORT_FILE);
  await requireReplaceableFile(output, "a report", isReport);
  await requireWritable(output);
  const record = await findTaskRecord(taskFolder, manifest);
  const images = new ImageFolder(
    manifest.modality === "image" ? await imagesOf(taskFolder, options.data, manifest) : undefined,
    options.signal,
  );
  const name = basename(resolve(taskFolder)).replace(/\.engraft$/, "");
  const data = await collect(name, taskFolder, manifest, record, images, options);
  const page = new TextEncoder().encode(renderReport(data));
  options.signal?.throwIfAborted();
  await writeAtomically(output, page);
  return {
    output,
    bytes: page.length,
    findings: findingsOf(data),
    warnings: data.warnings,
    missing: data.missing,
    labelErrors: record && data.labelErrors?.map((error) => toExample(error, manifest, record)),
    study: data.study,
  };
}

/** Everything that is found out for a report. */
async function collect(
  name: string,
  taskFolder: string,
  manifest: TaskManifest,
  record: TaskRecord | undefined,
  images: ImageFolder,
  options: ReportOptions,
): Promise<ReportData> {
  const warnings = trainingWarnings(manifest);
  if (record === undefined) {
    return { name, manifest, warnings, thumbnails: new Map(), missing: [KEEPS_NO_EXAMPLES] };
  }
  const platform = createNodeHost();
  try {
    const base = await readFrozenBaseOf(manifest, taskFolder, platform);
    const studied = await study(base, manifest, record, images, platform, options);
    const targets = targetsOf(record, manifest.labels);
    const labelErrors = await judgeLabels({ ...record, targets }, platform.linearAlgebra);
    const { seed } = manifest.config;
    const map = await mapOf(record, platform.linearAlgebra, seed, options.signal);
    const data = { name, manifest, record, labelErrors, map, study: studied.study };
    const thumbnails = await thumbnailsOf(record, shownRows(data), images);
    return {
      ...data,
      warnings,
      thumbnails: thumbnails.found,
      missing: [...studied.missing, ...thumbnails.missing],
    };
  } finally {
    await platform.close();
  }
}

const KEEPS_NO_EXAMPLES =
  "The task keeps no examples, so that there are figures only. Train it without --no-examples for the rest.";

/** Measures what takes the layers of the examples, as far as these can be found. */
async function study(
  base: BaseModel,
  manifest: TaskManifest,
  record: TaskRecord,
  images: ImageFolder,
  platform: NodeHost,
  options: ReportOptions,
): Promise<{ study?: TaskStudy; missing: readonly string[] }> {
  const { signal, onProgress } = options;
  const { rows, examples } = await restoreFeatures(record, manifest, base, images.read, platform, {
    openCache: openCache(options, base.spec.id),
    signal,
    onProgress,
  });
  const total = record.examples.length;
  const lost = total - rows.length;
  const missing =
    lost === 0
      ? []
      : [
          `The layers of ${counted(lost, "image")} of ${total} are neither in the feature cache nor can they be read again: ${whereabouts(images)}`,
        ];
  if (!hasTwoOfEach(examples.targets, examples.classes)) return { missing };
  return {
    study: await studyTask(examples, base.spec, manifest, platform, { signal, onProgress }),
    missing,
  };
}

/** Why images are not found, and what helps. */
function whereabouts({ path }: ImageFolder): string {
  return path === undefined
    ? "name the folder that the images are in with --data."
    : `they are not in ${path}. Name another folder with --data.`;
}

/** What cross-validation needs. */
function hasTwoOfEach(targets: Int32Array, classes: number): boolean {
  const counts = new Int32Array(classes);
  for (const target of targets) counts[target]! += 1;
  return counts.every((count) => count >= 2);
}

async function thumbnailsOf(
  { examples }: TaskRecord,
  rows: ReadonlySet<number>,
  images: ImageFolder,
): Promise<{ found: Map<number, string>; missing: readonly string[] }> {
  const found = new Map<number, string>();
  let lost = 0;
  for (const row of rows) {
    const example = examples[row]!;
    if (example.text !== undefined) continue;
    const thumbnail = await thumbnailOfExample(() => images.read(example));
    if (thumbnail === undefined) lost += 1;
    else found.set(row, thumbnail);
  }
  if (lost === 0) return { found, missing: [] };
  const missing = `${counted(lost, "image")} that would be shown here cannot be read: ${whereabouts(images)}`;
  return { found, missing: [missing] };
}

async function thumbnailOfExample(read: () => Promise<Uint8Array>): Promise<string | undefined> {
  try {
    return await thumbnailOf(await read());
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

function toExample(
  { row, given, suggested, ...judged }: JudgedLabel,
  { labels }: TaskManifest,
  { examples }: TaskRecord,
): SuspiciousExample {
  const { source, text } = examples[row]!;
  return { source, text, given: labels[given]!, suggested: labels[suggested]!, ...judged };
}
