import { csvRow } from "@engraft/core/escape";
import { extensionOf } from "../source/names.js";
import type { FileSource } from "../source/source.js";
import { canRelabel, type RelabelOptions, relabelledFile } from "./relabelled-file.js";

/** An example, and the label that it is to have. */
export interface Correction {
  /** Where the example came from: `mails.csv:12`. */
  readonly source: string;
  /** The label that it has. */
  readonly given: string;
  readonly label: string;
}

/**
 * What corrected data is called: `mails.csv` becomes `mails.relabelled.csv`, and what cannot be copied
 * with other labels, such as a folder `photos`, has its corrections in `photos.corrections.csv`.
 */
export function correctedName(data: string): string {
  const { length } = extensionOf(data);
  if (canRelabel(data)) return `${data.slice(0, -length)}.relabelled${data.slice(-length)}`;
  return `${data.replace(/[/\\]+$/, "")}.corrections.csv`;
}

/**
 * A copy of a CSV, TSV, JSON Lines or JSON file with corrected labels and nothing else changed.
 *
 * @throws UsageError when there is no record where a correction says.
 */
export function correctedFile(
  file: FileSource,
  corrections: readonly Correction[],
  options: RelabelOptions = {},
): Promise<Uint8Array> {
  const labels = new Map(corrections.map(({ source, label }) => [lineOf(source), label]));
  return relabelledFile(file, labels, options);
}

/**
 * Corrections as a CSV: `source,given,label`. A cell that a spreadsheet would compute, as `=1+1`, has an
 * apostrophe in front.
 */
export function correctionsList(corrections: readonly Correction[]): Uint8Array {
  const rows = corrections.map(({ source, given, label }) => csvRow([source, given, label]));
  return new TextEncoder().encode(
    `${[csvRow(["source", "given", "label"]), ...rows].join("\n")}\n`,
  );
}

/** The sources of a data file are `name:line`. */
function lineOf(source: string): number {
  return Number(source.slice(source.lastIndexOf(":") + 1));
}
