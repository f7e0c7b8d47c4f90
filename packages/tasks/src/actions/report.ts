import type { BaseModel } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import { targetsOf } from "@engraft/core/predict";
import type { RecordedExample, TaskRecord } from "../format/files/record.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { requireMeasured } from "../format/manifest/measured.js";
import { trainingWarnings } from "../format/manifest/warnings.js";
import { describeLabelError, judgeLabels, type SuspiciousExample } from "../label/label-errors.js";
import type { ReportFacts } from "../report/report-facts.js";
import type { CacheOptions, RunOptions } from "../sources/options.js";
import { studyTask, type TaskStudy } from "../study/study.js";
import type { TaskHandle } from "../task-handle.js";
import type { Workspace } from "../workspace.js";
import { findImages, restoreExamples, type TaskImages } from "./restore-examples.js";

/** Where a report is written, and what it is made from. */
export interface ReportOptions extends RunOptions, CacheOptions {
  /**
   * The file to write. Default: beside the task, where it was loaded or saved; a task in memory has
   * its report as `html` alone.
   */
  readonly output?: string | undefined;
  /**
   * For a task on images, the place that they are in, under whatever names; of a data file, the place
   * that holds it. Default: where they were when the task was trained.
   */
  readonly data?: string | undefined;
}

/** A report, and what stands in it. */
export interface Report {
  /** The file that was written; undefined for a task in memory. */
  readonly output: string | undefined;
  /** The page: one HTML file that opens without network and without scripts. */
  readonly html: string;
  /** The things to know about the task, as sentences; the most important first. */
  readonly findings: readonly string[];
  /** What to know before believing the metrics, as sentences: labels that look alike, texts cut. */
  readonly warnings: readonly string[];
  /** What the report is without, and how to get it, as sentences. */
  readonly missing: readonly string[];
  /** Labels that are probably wrong, the worst first; undefined where the task keeps no examples. */
  readonly labelErrors: readonly SuspiciousExample[] | undefined;
  /** Learning curve and layers; undefined where they cannot be measured. */
  readonly study: TaskStudy | undefined;
}

/**
 * Makes a report on a task; `Task.report` is its form for programs.
 *
 * @throws UsageError when nothing measured the task, or something else is at the place of the report.
 */
export async function report(
  task: TaskHandle,
  options: ReportOptions,
  workspace: Workspace,
): Promise<Report> {
  const { host } = workspace;
  requireMeasured(task.trained.manifest);
  const drawer = await host.openReportDrawer();
  const output = options.output ?? (task.origin && host.tasks.reportOf(task.origin.place));
  const file =
    output === undefined
      ? undefined
      : await host.files.prepareFile(output, "a report", (bytes) => drawer.isReport(bytes));
  const images = await findImages(task, options, workspace);
  const facts = await collect(task, images, options, workspace);
  const { record, labelErrors, study, warnings } = facts;
  const drawn = await drawer.draw(facts, {
    linearAlgebra: host.linearAlgebra,
    thumbnail: (row) => thumbnailOf(record?.examples[row], images, workspace),
    whereabouts: images.whereabouts,
    signal: options.signal,
  });
  options.signal?.throwIfAborted();
  await file?.write(new TextEncoder().encode(drawn.html));
  const { manifest } = task.trained;
  return {
    output,
    ...drawn,
    warnings,
    labelErrors:
      record && labelErrors?.map((error) => describeLabelError(error, manifest.labels, record)),
    study,
  };
}

/** Everything that is found out for a report. */
async function collect(
  task: TaskHandle,
  images: TaskImages,
  options: ReportOptions,
  workspace: Workspace,
): Promise<ReportFacts> {
  const manifest = requireMeasured(task.trained.manifest);
  const { host } = workspace;
  const name = task.origin === undefined ? "task" : host.tasks.nameOf(task.origin.place);
  const warnings = trainingWarnings(manifest);
  const record = await task.memory.find();
  if (record === undefined) return { name, manifest, warnings, missing: [KEEPS_NO_EXAMPLES] };
  const base = await workspace.bases.openFrozen(manifest, task.name);
  const studied = await study(base, manifest, record, images, options, workspace);
  const targets = targetsOf(record.examples, manifest.labels);
  const labelErrors = await judgeLabels({ ...record, targets }, host.linearAlgebra);
  return { name, manifest, record, labelErrors, warnings, ...studied };
}

const KEEPS_NO_EXAMPLES =
  "The task keeps no examples, so that there are metrics only. Train it again and keep them for the rest (option keepExamples).";

/** Measures what takes the layers of the examples, as far as these can be found. */
async function study(
  base: BaseModel,
  manifest: TaskManifest,
  record: TaskRecord,
  images: TaskImages,
  options: ReportOptions,
  workspace: Workspace,
): Promise<Pick<ReportFacts, "study" | "missing">> {
  const { host } = workspace;
  const { signal, onProgress } = options;
  const restored = await restoreExamples(base, manifest, record, images, options, workspace);
  const { examples, missing } = restored;
  if (examples === undefined) return { missing };
  const studied = await studyTask(examples, base.spec, manifest, host, { signal, onProgress });
  return { study: studied, missing };
}

async function thumbnailOf(
  example: RecordedExample | undefined,
  images: TaskImages,
  { host }: Workspace,
): Promise<string | undefined> {
  if (example === undefined) return undefined;
  try {
    return await host.data.thumbnail(await images.read(example));
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}
