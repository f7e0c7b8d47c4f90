import { stat } from "node:fs/promises";
import { UsageError } from "@engraft/core/errors";
import {
  type Correction,
  canRelabel,
  correctedFile,
  correctionsList,
  type RelabelOptions,
} from "@engraft/data";
import { DiskFile } from "./host/files/disk.js";
import { requireWritable, writeAtomically } from "./host/files/durable.js";

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
  const content = canRelabel(data)
    ? await correctedFile(new DiskFile(data), corrections, options)
    : correctionsList(corrections);
  await writeAtomically(output, content);
}
