import {
  type LinearAlgebra,
  type Matrix32,
  rowOf,
  rowRange,
  selectRows,
  zeros32,
} from "../math/matrix.js";
import { dot, type Vector } from "../math/vector.js";
import type { Random } from "../random/random.js";

/** How rows are clustered. */
export interface KMeansOptions {
  /** One row each, at any scale. */
  readonly rows: Matrix32;
  /** How many clusters; as many as rows where there are fewer rows. */
  readonly clusters: number;
  readonly linearAlgebra: LinearAlgebra;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** Means are moved so often at most; later rounds hardly move them. */
const ROUNDS = 20;
/** Means are found by so many rows, drawn at random, or by so many for each cluster if that is more. */
const SAMPLED_ROWS = 20_000;
const SAMPLED_PER_CLUSTER = 10;
/** Rows whose distances to all means are held at a time. */
const BLOCK_ROWS = 4096;

/**
 * Divides rows into clusters by k-means (Lloyd 1982), beginning with k-means++ (Arthur and Vassilvitskii
 * 2007). A cluster that loses all its rows begins anew at the row that is farthest from its mean.
 *
 * @returns The cluster of each row. Where rows are equal, some clusters may be without any.
 */
export async function kMeans(options: KMeansOptions): Promise<Int32Array> {
  const { rows, linearAlgebra, random, signal } = options;
  const clusters = Math.min(options.clusters, rows.rows);
  const wanted = Math.max(SAMPLED_ROWS, SAMPLED_PER_CLUSTER * clusters);
  const sample = rows.rows <= wanted ? rows : drawRows(rows, wanted, random.derive("sample"));
  const means = await spreadMeans(sample, clusters, linearAlgebra, random, signal);
  let nearest = await nearestMeans(sample, means, linearAlgebra, signal);
  for (let round = 0; round < ROUNDS; round++) {
    moveMeans(means, sample, nearest);
    const next = await nearestMeans(sample, means, linearAlgebra, signal);
    const isSettled = next.cluster.every((cluster, row) => cluster === nearest.cluster[row]);
    nearest = next;
    if (isSettled) break;
  }
  if (sample === rows) return nearest.cluster;
  return (await nearestMeans(rows, means, linearAlgebra, signal)).cluster;
}

function drawRows(rows: Matrix32, count: number, random: Random): Matrix32 {
  const order = Int32Array.from({ length: rows.rows }, (_, row) => row);
  return selectRows(rows, random.shuffle(order).slice(0, count).sort());
}

/**
 * First means: rows, each the best of some that are drawn with a probability in proportion to their
 * squared distance from the means before.
 */
async function spreadMeans(
  rows: Matrix32,
  clusters: number,
  linearAlgebra: LinearAlgebra,
  random: Random,
  signal: AbortSignal | undefined,
): Promise<Matrix32> {
  const means = zeros32(clusters, rows.cols);
  const squares = squaredLengths(rows);
  const trials = 2 + Math.floor(Math.log(clusters));
  let apart = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
  for (let cluster = 0; cluster < clusters; cluster++) {
    signal?.throwIfAborted();
    const drawn =
      cluster === 0
        ? Int32Array.of(random.integer(rows.rows))
        : Int32Array.from({ length: trials }, () => drawInProportion(apart, random));
    const products = await linearAlgebra.multiply(selectRows(rows, drawn), rows, { b: true });
    const tried = Array.from(drawn, (row, trial) =>
      withMean(apart, squares, row, rowOf(products, trial)),
    );
    const best = tried.reduce((least, one) => (one.sum < least.sum ? one : least));
    apart = best.apart;
    rowOf(means, cluster).set(rowOf(rows, best.row));
  }
  return means;
}

/** Rows with one more mean. */
interface WithMean {
  /** The row that is the mean. */
  readonly row: number;
  /** Squared distance of each row to its nearest mean. */
  readonly apart: Float64Array<ArrayBuffer>;
  readonly sum: number;
}

function withMean(
  before: Float64Array,
  squares: Float64Array,
  mean: number,
  products: Float32Array,
): WithMean {
  const apart = new Float64Array(before.length);
  let sum = 0;
  for (let row = 0; row < apart.length; row++) {
    const distance = squares[row]! + squares[mean]! - 2 * products[row]!;
    const least = row === mean ? 0 : Math.min(before[row]!, Math.max(0, distance));
    apart[row] = least;
    sum += least;
  }
  return { row: mean, apart, sum };
}

function drawInProportion(weights: Float64Array, random: Random): number {
  let total = 0;
  for (let at = 0; at < weights.length; at++) total += weights[at]!;
  if (!(total > 0)) return random.integer(weights.length);
  let left = random.double() * total;
  for (let at = 0; at < weights.length; at++) {
    left -= weights[at]!;
    if (left < 0) return at;
  }
  return weights.findLastIndex((weight) => weight > 0);
}

/** Where each row belongs. */
interface Nearest {
  readonly cluster: Int32Array;
  /** Squared distance to the mean of the cluster. */
  readonly distance: Float64Array;
}

async function nearestMeans(
  rows: Matrix32,
  means: Matrix32,
  linearAlgebra: LinearAlgebra,
  signal: AbortSignal | undefined,
): Promise<Nearest> {
  const cluster = new Int32Array(rows.rows);
  const distance = new Float64Array(rows.rows);
  const squares = squaredLengths(means);
  for (let start = 0; start < rows.rows; start += BLOCK_ROWS) {
    signal?.throwIfAborted();
    const block = rowRange(rows, start, BLOCK_ROWS);
    const products = await linearAlgebra.multiply(block, means, { b: true });
    for (let row = 0; row < block.rows; row++) {
      const [nearest, least] = leastOf(squares, rowOf(products, row));
      const own = rowOf(block, row);
      cluster[start + row] = nearest;
      distance[start + row] = Math.max(0, dot(own, own) + least);
    }
  }
  return { cluster, distance };
}

/** Which mean has the least `|mean|² - 2 · row · mean`, and that value. */
function leastOf(squares: Float64Array, products: Vector): [nearest: number, least: number] {
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let mean = 0; mean < squares.length; mean++) {
    const value = squares[mean]! - 2 * products[mean]!;
    if (value < least) [nearest, least] = [mean, value];
  }
  return [nearest, least];
}

/** Moves each mean to its rows; one without any, to the row that is farthest from its mean. */
function moveMeans(means: Matrix32, rows: Matrix32, { cluster, distance }: Nearest): void {
  const sums = new Float64Array(means.data.length);
  const counts = new Int32Array(means.rows);
  cluster.forEach((mean, row) => {
    counts[mean]! += 1;
    const values = rowOf(rows, row);
    const at = mean * means.cols;
    for (let col = 0; col < values.length; col++) sums[at + col]! += values[col]!;
  });
  const left = distance.slice();
  for (let mean = 0; mean < means.rows; mean++) {
    const vector = rowOf(means, mean);
    const at = mean * means.cols;
    if (counts[mean]! > 0) {
      for (let col = 0; col < vector.length; col++) vector[col] = sums[at + col]! / counts[mean]!;
    } else {
      const farthest = left.reduce((best, value, row) => (value > left[best]! ? row : best), 0);
      left[farthest] = 0;
      vector.set(rowOf(rows, farthest));
    }
  }
}

function squaredLengths(rows: Matrix32): Float64Array {
  return Float64Array.from({ length: rows.rows }, (_, row) => {
    const vector = rowOf(rows, row);
    return dot(vector, vector);
  });
}
