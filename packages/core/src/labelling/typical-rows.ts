import { rowsByGroup } from "../evaluate/groups/groups.js";
import { findNeighbours } from "../heads/distance/nearest-neighbours.js";
import { type LinearAlgebra, type Matrix32, selectRows, spacedRowNumbers } from "../math/matrix.js";
import type { Random } from "../random/random.js";
import { kMeans } from "./k-means.js";

/** A row that is typical of a cluster. */
export interface TypicalRow {
  readonly row: number;
  /** Number of its cluster, from 1 on, in the order in which they were chosen from. */
  readonly cluster: number;
  /** How many examples the rows of the cluster stand for. */
  readonly size: number;
}

/** What typical rows are chosen from. */
export interface TypicalRowsOptions {
  /** One row each, of length 1. */
  readonly embeddings: Matrix32;
  /** For each row 1 where it has a label: it covers its cluster, and is not chosen. */
  readonly isLabelled: Uint8Array;
  /** How many examples without a label each row stands for. Default: 1, and a labelled row for none. */
  readonly examples?: Int32Array | undefined;
  /** How many rows; all without a label where there are fewer. */
  readonly count: number;
  readonly linearAlgebra: LinearAlgebra;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** More clusters take long, and after so many labels a classifier knows more than clusters do. */
const MOST_CLUSTERS = 1000;
/** How many neighbours say how typical a row is. */
const NEIGHBOURS = 20;
/** Of a larger cluster, so many evenly spaced rows are compared. */
const MOST_COMPARED = 2000;

/**
 * Chooses rows to label first, before there is a classifier (TypiClust; Hacohen, Dekel and Weinshall,
 * ICML 2022): divides all rows into as many clusters as there are labelled rows and rows to choose, and
 * takes from the largest cluster without a labelled or chosen row the most typical one. That is the row
 * with the least mean distance to its 20 nearest neighbours in the cluster. Where every cluster has
 * one, those with the fewest of them come next.
 *
 * @returns In the order in which they were chosen.
 */
export async function chooseTypical(options: TypicalRowsOptions): Promise<TypicalRow[]> {
  const { embeddings, isLabelled, linearAlgebra, random, signal } = options;
  const { examples = Int32Array.from(isLabelled, (labelled) => 1 - labelled) } = options;
  const labelled = isLabelled.reduce((sum, one) => sum + one, 0);
  const count = Math.min(options.count, embeddings.rows - labelled);
  if (count === 0) return [];
  const clusterOf = await kMeans({
    rows: embeddings,
    clusters: Math.min(MOST_CLUSTERS, labelled + count),
    linearAlgebra,
    random,
    signal,
  });
  const clusters = rowsByGroup(clusterOf).map((rows): Cluster => {
    const left = rows.filter((row) => isLabelled[row] === 0);
    const size = rows.reduce((sum, row) => sum + examples[row]!, 0);
    return { left, covered: rows.length - left.length, size, number: undefined };
  });
  let numbered = 0;
  const chosen: TypicalRow[] = [];
  while (chosen.length < count) {
    signal?.throwIfAborted();
    const cluster = clusters
      .filter(({ left }) => left.length > 0)
      .reduce((best, one) => (isBefore(one, best) ? one : best));
    const row = await mostTypical(embeddings, cluster.left, linearAlgebra);
    cluster.number ??= ++numbered;
    chosen.push({ row, cluster: cluster.number, size: cluster.size });
    cluster.covered += 1;
    cluster.left = cluster.left.filter((other) => other !== row);
  }
  return chosen;
}

interface Cluster {
  /** Rows without a label that were not chosen. */
  left: readonly number[];
  /** How many rows have a label or were chosen. */
  covered: number;
  /** How many examples its rows stand for. */
  readonly size: number;
  /** Its place among those that were chosen from. */
  number: number | undefined;
}

/** Whether a cluster is chosen from before another one. */
function isBefore(one: Cluster, other: Cluster): boolean {
  if (one.covered !== other.covered) return one.covered < other.covered;
  return one.size > other.size;
}

/** The row with the least mean distance to its nearest neighbours among some rows. */
async function mostTypical(
  embeddings: Matrix32,
  rows: readonly number[],
  linearAlgebra: LinearAlgebra,
): Promise<number> {
  const compared =
    rows.length <= MOST_COMPARED
      ? Int32Array.from(rows)
      : spacedRowNumbers(rows.length, MOST_COMPARED).map((at) => rows[at]!);
  const vectors = selectRows(embeddings, compared);
  const neighbours = await findNeighbours(
    vectors,
    vectors,
    linearAlgebra,
    (row, other) => row !== other,
    NEIGHBOURS,
  );
  const distances = neighbours.map((nearest) => {
    const sum = nearest.reduce((total, { cosine }) => total + distanceOf(cosine), 0);
    return sum / Math.max(1, nearest.length);
  });
  const least = distances.reduce((best, value, at) => (value < distances[best]! ? at : best), 0);
  return compared[least]!;
}

/** Distance between two rows of length 1. */
function distanceOf(cosine: number): number {
  return Math.sqrt(Math.max(0, 2 - 2 * cosine));
}
