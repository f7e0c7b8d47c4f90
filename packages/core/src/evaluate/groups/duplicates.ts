import type { Modality } from "../../dataset/dataset.js";
import {
  type LinearAlgebra,
  type Matrix32,
  rowOf,
  rowRange,
  stackRows,
  zeros32,
} from "../../math/matrix.js";
import { toUnitLength } from "../../math/vector.js";
import type { Random } from "../../random/random.js";
import { rowsByGroup } from "./groups.js";
import { allSimilarPairs, mostSimilarPairs } from "./similar-pairs.js";
import { UnionFind } from "./union-find.js";

/**
 * From which cosine on two examples count as near-duplicates, for the last layer of the base models
 * that ship. The cosine is taken after the mean of the data set was subtracted.
 *
 * - **Text, 0.95** (`minilm-l6`). In 6,046 mails of the SpamAssassin corpus, every pair above it that
 *   was read is the same template, or a reply that quotes the same text: 967 mails, the largest group
 *   13. In 10,003 questions of Banking77 the pairs are minimal rewordings ("How do I verify my
 *   identity?", "How do I go about verifying my identity?"): 2,074 questions, the largest group 21,
 *   and measured accuracy (ridge classifier) moves by 0.001. At 0.9 it is 4,474 questions, groups of up to 103, and
 *   accuracy falls by 0.02, because ordinary paraphrases are withheld.
 * - **Image, 0.9** (`efficientnet-lite0`). No pair of 395 Hymenoptera photographs is above 0.7,
 *   whereas mirrored, brightened and slightly cropped copies are mostly above 0.9 (copies at half the
 *   size or with strong JPEG compression mostly are not). Drawn images of one part in one fixed rig,
 *   half of them scratched, stay below 0.9, although their plain cosines are 0.97 at the median: hence
 *   the subtracted mean.
 */
export const nearDuplicateThresholds: Readonly<Record<Modality, number>> = {
  text: 0.95,
  image: 0.9,
};

/** Up to this many rows all pairs are compared; beyond, almost all similar ones are found. */
const COMPARE_ALL_ROWS = 20_000;

export interface NearDuplicates {
  /** Group of each row, numbered from 0 in the order of each group's first row. */
  readonly groups: Int32Array;
  /** The rows of every group that has more than one, the largest group first; rows ascend. */
  readonly clusters: readonly Int32Array[];
}

/**
 * Groups rows that are the same example or nearly so, directly or through others, so that evaluation
 * can keep each group on one side of a split. Two rows are linked when their content hashes are
 * equal, or when the cosine of their embeddings, after subtracting the mean embedding of all rows, is
 * at least the threshold. Subtracting the mean makes "alike" relative to the data: what all examples
 * share (one topic, one camera, one background) does not count.
 *
 * Up to 20,000 rows all pairs are compared; beyond that, pairs are found by random hyperplanes, in
 * near-linear time, and one in thousands is missed.
 *
 * @param contentHashes one per row; for text, of the `normalizedText`.
 * @param embeddings one row each, at any scale. A row of zeros is like no other.
 * @param threshold from -1 to 1; `nearDuplicateThresholds` has the defaults.
 * @throws {RangeError} when there is not one hash per embedding.
 */
export async function groupNearDuplicates(options: {
  readonly contentHashes: readonly string[];
  readonly embeddings: Matrix32;
  readonly threshold: number;
  readonly linearAlgebra: LinearAlgebra;
  readonly random: Random;
}): Promise<NearDuplicates> {
  const { contentHashes, embeddings, threshold, linearAlgebra, random } = options;
  if (contentHashes.length !== embeddings.rows) {
    throw new RangeError(`${contentHashes.length} hashes for ${embeddings.rows} embeddings.`);
  }
  const sets = new UnionFind(embeddings.rows);
  const firstRows = new Map<string, number>();
  contentHashes.forEach((hash, row) => {
    const first = firstRows.get(hash);
    if (first === undefined) firstRows.set(hash, row);
    else sets.join(first, row);
  });

  const vectors = centredUnitRows(embeddings);
  const join = (one: number, other: number) => sets.join(one, other);
  if (vectors.rows <= COMPARE_ALL_ROWS) {
    await allSimilarPairs(vectors, threshold, linearAlgebra, join);
  } else {
    await mostSimilarPairs(vectors, threshold, linearAlgebra, random, join);
  }
  return groupsOf(sets, embeddings.rows);
}

/** Some examples, to be compared with others. */
export interface ComparedExamples {
  /** One for each example; for text, of the `normalizedText`. */
  readonly contentHashes: readonly string[];
  /** One row each, at any scale. */
  readonly embeddings: Matrix32;
}

/**
 * Finds the examples that are copies of one of some others, or nearly so: as in
 * {@link groupNearDuplicates}, by content or by the cosine after subtracting the mean of all.
 *
 * @returns Numbers of the copies among `examples`, ascending.
 */
export async function findCopies(
  examples: ComparedExamples,
  others: ComparedExamples,
  threshold: number,
  linearAlgebra: LinearAlgebra,
): Promise<Int32Array> {
  const known = new Set(others.contentHashes);
  const { rows } = examples.embeddings;
  const vectors = centredUnitRows(stackRows([examples.embeddings, others.embeddings]));
  const compared = rowRange(vectors, rows, others.embeddings.rows);
  const isCopy = examples.contentHashes.map((hash) => known.has(hash));
  for (let start = 0; start < rows; start += COPY_BLOCK_ROWS) {
    const block = rowRange(vectors, start, Math.min(COPY_BLOCK_ROWS, rows - start));
    const cosines = await linearAlgebra.multiply(block, compared, { b: true });
    for (let row = 0; row < cosines.rows; row++) {
      if (rowOf(cosines, row).some((cosine) => cosine >= threshold)) isCopy[start + row] = true;
    }
  }
  return Int32Array.from(isCopy.keys()).filter((row) => isCopy[row]);
}

/** Rows that are compared at a time. */
const COPY_BLOCK_ROWS = 1024;

function groupsOf(sets: UnionFind, rows: number): NearDuplicates {
  const members = rowsByGroup(Int32Array.from({ length: rows }, (_, row) => sets.find(row)));
  const groups = new Int32Array(rows);
  members.forEach((group, index) => {
    for (const row of group) groups[row] = index;
  });
  return {
    groups,
    clusters: members
      .filter((group) => group.length > 1)
      .sort((a, b) => b.length - a.length)
      .map((group) => Int32Array.from(group)),
  };
}

/** Below this length nothing is left of a unit vector but the rounding of single precision. */
const ROUNDING = 1e-6;

/** Each row scaled to length 1, less the mean of those, and scaled to length 1 again. */
export function centredUnitRows(embeddings: Matrix32): Matrix32 {
  const { rows, cols } = embeddings;
  const result = zeros32(rows, cols);
  const mean = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    const vector = rowOf(result, row);
    vector.set(rowOf(embeddings, row));
    toUnitLength(vector);
    for (let col = 0; col < cols; col++) mean[col]! += vector[col]! / rows;
  }
  for (let row = 0; row < rows; row++) {
    const vector = rowOf(result, row);
    for (let col = 0; col < cols; col++) vector[col]! -= mean[col]!;
    toUnitLength(vector, ROUNDING);
  }
  return result;
}
