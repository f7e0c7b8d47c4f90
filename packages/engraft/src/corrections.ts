import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { UsageError } from "@engraft/core/errors";
import { csvRow } from "@engraft/core/escape";
import { canRelabel, type RelabelOptions, relabelledFile } from "@engraft/data";
import type { SuspectLabel } from "@engraft/tasks/internal";
import { DiskFile } from "./host/files/disk.js";
import { requireWritable, writeAtomically } from "./host/files/durable.js";

/** An example, and the label that it is to have. */
export type Correction = Pick<SuspectLabel, "source" | "given"> & { readonly label: string };

/**
 * Where {@link applyCorrections} writes unless told otherwise: `mails.csv` becomes
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
export async function applyCorrections(
  data: string,
  corrections: readonly Correction[],
  output: string,
  options: RelabelOptions = {},
): Promise<void> {
  await requireFree(output);
  if (!canRelabel(data)) {
    await writeAtomically(output, new TextEncoder().encode(toCsv(corrections)));
    return;
  }
  const labels = new Map(corrections.map(({ source, label }) => [lineOf(source), label]));
  await writeAtomically(output, await relabelledFile(new DiskFile(data), labels, options));
}

/** The sources of a data file are `name:line`. */
function lineOf(source: string): number {
  return Number(source.slice(source.lastIndexOf(":") + 1));
}

function toCsv(corrections: readonly Correction[]): string {
  const rows = corrections.map(({ source, given, label }) => csvRow([source, given, label]));
  return `${[csvRow(["source", "given", "label"]), ...rows].join("\n")}\n`;
}
