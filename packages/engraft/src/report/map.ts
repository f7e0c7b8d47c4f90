import { dot, type Matrix32, type Random, rowOf } from "@engraft/core";
import { UMAP } from "umap-js";

/** Neighbours that are kept close to each point, as umap-learn does by default. */
const NEIGHBOURS = 15;
const EPOCHS = 200;

/**
 * Draws points in many dimensions on a plane so that neighbours stay neighbours (UMAP; McInnes, Healy
 * and Melville, 2018).
 *
 * @param embeddings - Points at unit length, one row each.
 * @param rows - Those to draw.
 * @returns A place for each row; undefined where there are too few for a map.
 */
export function mapOf(
  embeddings: Matrix32,
  rows: readonly number[],
  random: Random,
): readonly (readonly [x: number, y: number])[] | undefined {
  if (rows.length <= NEIGHBOURS) return undefined;
  const vectors = rows.map((row) => rowOf(embeddings, row));
  const { indices, distances } = nearestNeighbours(vectors);
  const umap = new UMAP({
    nNeighbors: NEIGHBOURS,
    nEpochs: EPOCHS,
    random: () => random.double(),
  });
  umap.setPrecomputedKNN(indices, distances);
  // With the neighbours given, only the number of points is read.
  return umap.fit(vectors.map(() => [])).map(([x = 0, y = 0]) => [x, y]);
}

/** The nearest points of each, itself first, by comparing all. */
function nearestNeighbours(vectors: readonly Float32Array[]) {
  const near = vectors.map((vector) => nearest(vector, vectors));
  return {
    indices: near.map((points) => points.map(({ index }) => index)),
    distances: near.map((points) => points.map(({ distance }) => distance)),
  };
}

function nearest(vector: Float32Array, vectors: readonly Float32Array[]) {
  const all = vectors.map((other, index) => ({ index, distance: distanceOf(vector, other) }));
  return all.sort((a, b) => a.distance - b.distance).slice(0, NEIGHBOURS);
}

/** Cosine distance of points at unit length, which rounding may put below 0. */
function distanceOf(a: Float32Array, b: Float32Array): number {
  return Math.max(0, 1 - dot(a, b));
}
