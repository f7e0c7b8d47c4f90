import type { BaseSpec, Platform, Random } from "@engraft/core";
import {
  columnsOf,
  findCopies,
  groupNearDuplicates,
  lastLayerRecipe,
  nearDuplicateThresholds,
  normalizedText,
  selectFeatures,
} from "@engraft/core/internal";
import type { Overlap } from "../../format/manifest/manifest.js";
import type { FeatureDataset } from "./extract-dataset.js";

/**
 * Finds near-duplicates among the training examples, so that no fold is measured on an example whose
 * twin it has learned from.
 *
 * @returns The group of every row (rows of other splits are alone in theirs), and the number of
 *   training examples that have a near-duplicate.
 */
export async function groupExamples(
  data: FeatureDataset,
  spec: BaseSpec,
  platform: Platform,
  random: Random,
): Promise<{ groups: Int32Array; nearDuplicates: number }> {
  const { table } = data.examples;
  const rows = Int32Array.from({ length: data.trainRows }, (_, row) => row);
  const { groups, clusters } = await groupNearDuplicates({
    contentHashes: Array.from(rows, (row) => contentKey(data, row)),
    embeddings: selectFeatures(table, columnsOf(spec, [lastLayerRecipe(spec)]), rows),
    threshold: nearDuplicateThresholds[spec.modality],
    linearAlgebra: platform.linearAlgebra,
    random: random.derive("duplicates"),
  });
  const all = Int32Array.from({ length: table.matrix.rows }, (_, row) => groups[row] ?? row);
  return { groups: all, nearDuplicates: clusters.reduce((sum, { length }) => sum + length, 0) };
}

/**
 * Rows without a label that are no copies of a labelled one: a copy of a held-out example would tell
 * what is asked about it, and a copy of a training example tells nothing new.
 */
export async function unlabelledRows(
  data: FeatureDataset,
  spec: BaseSpec,
  platform: Platform,
): Promise<Int32Array> {
  const { unlabelled, examples } = data;
  if (unlabelled.length === 0) return unlabelled;
  const labelled = Int32Array.from({ length: unlabelled[0]! }, (_, row) => row);
  const columns = columnsOf(spec, [lastLayerRecipe(spec)]);
  const comparedAs = (rows: Int32Array) => ({
    contentHashes: Array.from(rows, (row) => contentKey(data, row)),
    embeddings: selectFeatures(examples.table, columns, rows),
  });
  const copies = await findCopies(
    comparedAs(unlabelled),
    comparedAs(labelled),
    nearDuplicateThresholds[spec.modality],
    platform.linearAlgebra,
  );
  const isCopy = new Set(copies);
  return unlabelled.filter((_, index) => !isCopy.has(index));
}

/** How many rows of the other splits are training examples too. */
export function overlapOf(data: FeatureDataset): Overlap {
  const { trainRows, otherSplits } = data;
  const trained = new Set(Array.from({ length: trainRows }, (_, row) => contentKey(data, row)));
  const count = (rows: Int32Array): number | undefined =>
    rows.length === 0 ? undefined : rows.filter((row) => trained.has(contentKey(data, row))).length;
  return { val: count(otherSplits.val), test: count(otherSplits.test) };
}

/**
 * What is the same for two inputs that are the same example: texts that differ only in case and spaces,
 * images by their bytes.
 *
 * @param text - Undefined for an image.
 */
export function contentOf(text: string | undefined, digest: string): string {
  return text === undefined ? digest : normalizedText(text);
}

function contentKey({ examples, digests }: FeatureDataset, row: number): string {
  return contentOf(examples.texts?.[row], digests[row]!);
}
