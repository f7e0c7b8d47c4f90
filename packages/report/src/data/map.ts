import { createRandom, type LinearAlgebra, type Matrix32 } from "@engraft/core";
import { findNeighbours, rowOf } from "@engraft/core/internal";
import type { TaskRecord } from "@engraft/tasks/internal";
import { UMAP } from "umap-js";

/** Some examples of a task on a plane. */
export interface ExampleMap {
  /** Their positions in the record, ascending. */
  readonly rows: readonly number[];
  /** Where each of them lies. */
  readonly places: readonly (readonly [x: number, y: number])[];
}

/** More points take long to lay out, and hide one another. */
const MOST_POINTS = 2000;
/** Neighbours that are kept close to each point, itself among them, as umap-learn does by default. */
const NEIGHBOURS = 15;
const EPOCHS = 200;

/**
 * Draws the examples of a task, of many an even part, on a plane so that neighbours stay neighbours
 * (UMAP; McInnes, Healy and Melville, 2018). The same seed gives the same map.
 *
 * @returns Undefined where there are too few for a map.
 */
export async function mapOf(
  record: TaskRecord,
  linearAlgebra: LinearAlgebra,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<ExampleMap | undefined> {
  const rows = spread(record.examples.length, MOST_POINTS);
  if (rows.length <= NEIGHBOURS) return undefined;
  const { indices, distances } = await nearest(rowsOf(record.embeddings, rows), linearAlgebra);
  const random = createRandom(seed).derive("map");
  const umap = new UMAP({
    nNeighbors: NEIGHBOURS,
    nEpochs: EPOCHS,
    random: () => random.double(),
  });
  umap.setPrecomputedKNN(indices, distances);
  // With the neighbours given, only the number of points is read.
  const places = await umap.fitAsync(
    rows.map(() => []),
    () => signal?.throwIfAborted(),
  );
  return { rows, places: places.map(([x = 0, y = 0]) => [x, y]) };
}

/** Up to `most` of the numbers below `total`, evenly spread. */
function spread(total: number, most: number): number[] {
  const length = Math.min(total, most);
  return Array.from({ length }, (_, index) => Math.floor((index * total) / length));
}

function rowsOf(matrix: Matrix32, rows: readonly number[]): Matrix32 {
  const data = new Float32Array(rows.length * matrix.cols);
  rows.forEach((row, index) => {
    data.set(rowOf(matrix, row), index * matrix.cols);
  });
  return { rows: rows.length, cols: matrix.cols, data };
}

/** The nearest points of each, itself first, and how far they are by the cosine. */
async function nearest(points: Matrix32, linearAlgebra: LinearAlgebra) {
  const all = await findNeighbours(points, points, linearAlgebra, (a, b) => a !== b);
  const near = all.map((neighbours, row) => [
    { row, cosine: 1 },
    ...neighbours.slice(0, NEIGHBOURS - 1),
  ]);
  return {
    indices: near.map((neighbours) => neighbours.map(({ row }) => row)),
    // Rounding may put a cosine above 1.
    distances: near.map((neighbours) => neighbours.map(({ cosine }) => Math.max(0, 1 - cosine))),
  };
}
