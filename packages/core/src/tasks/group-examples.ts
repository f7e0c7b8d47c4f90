import type { BaseSpec } from "../bases/spec.js";
import { groupNearDuplicates, nearDuplicateThresholds } from "../evaluate/duplicates.js";
import { normalizedText } from "../evaluate/normalized-text.js";
import { selectFeatures } from "../features/table.js";
import { columnsOf, lastLayerRecipe } from "../heads/views.js";
import type { Platform } from "../platform.js";
import type { Random } from "../random/random.js";
import type { ReadData } from "./read-layers.js";

/**
 * Finds near-duplicates among the training examples, so that no fold is measured on an example whose
 * twin it has learned from.
 *
 * @returns The group of every row (rows of other splits are alone in theirs), and the number of
 *   training examples that have a near-duplicate.
 */
export async function groupExamples(
  data: ReadData,
  spec: BaseSpec,
  platform: Platform,
  random: Random,
): Promise<{ groups: Int32Array; nearDuplicates: number }> {
  const { table, texts } = data.examples;
  const rows = Int32Array.from({ length: data.trainRows }, (_, row) => row);
  const { groups, clusters } = await groupNearDuplicates({
    contentHashes: Array.from(rows, (row) => contentKey(texts?.[row], data.digests[row]!)),
    embeddings: selectFeatures(table, columnsOf(spec, [lastLayerRecipe(spec)]), rows),
    threshold: nearDuplicateThresholds[spec.modality],
    linearAlgebra: platform.linearAlgebra,
    random: random.derive("duplicates"),
  });
  const all = Int32Array.from({ length: table.matrix.rows }, (_, row) => groups[row] ?? row);
  return { groups: all, nearDuplicates: clusters.reduce((sum, { length }) => sum + length, 0) };
}

/** Texts that differ only in case and spaces are the same example; pictures by their bytes. */
function contentKey(text: string | undefined, digest: string): string {
  return text === undefined ? digest : normalizedText(text);
}
