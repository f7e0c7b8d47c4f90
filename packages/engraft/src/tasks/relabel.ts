import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { type Dataset, type OnProgress, UsageError } from "@engraft/core";
import { csvRow } from "@engraft/core/escape";
import {
  type LabelReview,
  reviewLabels as reviewLabelsOf,
  type SuspectLabel,
} from "@engraft/tasks";
import { lookAlikeWarning, truncationWarning } from "@engraft/tasks/predict";
import { type DataOptions, readDataset } from "../data/index.js";
import { canRelabel, relabelledFile } from "../data/relabelled-file.js";
import { requireWritable, writeAtomically } from "../host/files/durable.js";
import { createNodeHost } from "../host/node-host.js";
import { withFormerFolder } from "./data-location.js";
import { requireModality } from "./modality.js";
import { readBaseOf, readTask } from "./read-task.js";
import { openCache } from "./train.js";

/** Names of columns, where images are, and limits; all have defaults. */
export type RelabelColumns = DataOptions;

export interface ReviewOptions {
  /** Task folder: the base and the settings of its head judge the labels. */
  readonly from: string;
  readonly columns?: RelabelColumns;
  /** Go on without bad rows and files. Default false. */
  readonly skipBad?: boolean | undefined;
  /** Keep computed features on disk. Default true. */
  readonly cache?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told about things that cost something without stopping the work. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Finds labels that are probably wrong, by confident learning: heads with the settings of a task are
 * fitted to parts of the data, and say what they think of the examples that they have not seen.
 *
 * ```ts
 * const { suspects } = await reviewLabels("mails.csv", { from: "mails.engraft" });
 * for (const { source, given, suggested } of suspects) console.log(source, given, suggested);
 * ```
 *
 * @param data - A file or folder of labelled data, or a data set that was read before. Its labels need
 *   not be those of the task. Of data with splits, `train` is judged.
 * @throws DataError when the data cannot be used.
 * @throws UsageError when there is no such task.
 */
export async function reviewLabels(
  data: string | Dataset,
  options: ReviewOptions,
): Promise<LabelReview> {
  const { from, signal, onProgress, skipBad = false } = options;
  const task = await readTask(from);
  const dataset =
    typeof data === "string"
      ? await readDataset(data, {
          ...(await withFormerFolder(options.columns, from, task.manifest)),
          skipBad,
          signal,
          onWarning: options.onWarning,
        })
      : data;
  requireModality(`Task ${from}`, task.manifest.modality, dataset);
  const platform = createNodeHost();
  try {
    // Without the files that tune the base: weights that have learned the labels would repeat them.
    const base = await readBaseOf({ ...task, files: new Map() }, from, platform);
    const review = await reviewLabelsOf(task.manifest, base, dataset, platform, {
      openCache: openCache(options, base.spec.id),
      skipBad,
      signal,
      onProgress,
    });
    const warnings = [
      lookAlikeWarning(review.lookAlikes),
      truncationWarning(review.truncation, task.manifest),
    ];
    for (const warning of warnings) if (warning !== undefined) options.onWarning?.(warning);
    return review;
  } finally {
    await platform.close();
  }
}

/** An example, and the label that it is to have. */
export type Correction = Pick<SuspectLabel, "source" | "given"> & { readonly label: string };

/**
 * Where {@link writeCorrections} writes unless told otherwise: `mails.csv` becomes
 * `mails.relabelled.csv`, and what cannot be copied with other labels, such as a folder `photos`, has
 * its corrections in `photos.corrections.csv`.
 */
export function correctedPath(data: string): string {
  const extension = extname(data);
  if (canRelabel(data)) return `${data.slice(0, -extension.length)}.relabelled${extension}`;
  return `${data.replace(/[/\\]+$/, "")}.corrections.csv`;
}

/**
 * Makes sure that corrections can be written before there are any.
 *
 * @throws UsageError when there is something at that place.
 * @throws OutputError when nothing can be written there.
 */
export async function requireFree(output: string): Promise<void> {
  const found = await stat(output).catch(() => undefined);
  if (found === undefined) return requireWritable(output);
  throw new UsageError(`${output} is there already. Move it away, or name another file with -o.`);
}

/**
 * Writes a copy of a CSV, TSV, JSON Lines or JSON file with corrected labels and nothing else
 * changed. Of other data, it writes a CSV of the corrections: `source,given,label`. A cell that a spreadsheet would
 * compute, as `=1+1`, has an apostrophe in front there.
 *
 * @param data - The file or folder that the examples were read from; it is left as it is.
 * @throws UsageError when there is something at `output`.
 */
export async function writeCorrections(
  data: string,
  corrections: readonly Correction[],
  output: string,
  columns: RelabelColumns = {},
): Promise<void> {
  await requireFree(output);
  if (!canRelabel(data)) {
    await writeAtomically(output, new TextEncoder().encode(toCsv(corrections)));
    return;
  }
  const labels = new Map(corrections.map(({ source, label }) => [lineOf(source), label]));
  await writeAtomically(output, await relabelledFile(data, labels, columns));
}

/** The sources of a data file are `name:line`. */
function lineOf(source: string): number {
  return Number(source.slice(source.lastIndexOf(":") + 1));
}

function toCsv(corrections: readonly Correction[]): string {
  const rows = corrections.map(({ source, given, label }) => csvRow([source, given, label]));
  return `${[csvRow(["source", "given", "label"]), ...rows].join("\n")}\n`;
}
