import { findNeighbours, type Neighbour } from "../heads/distance/nearest-neighbours.js";
import {
  type LinearAlgebra,
  type Matrix32,
  type Matrix64,
  rowOf,
  selectRows,
} from "../math/matrix.js";
import type { Random } from "../random/random.js";
import {
  type ClassGaussians,
  fitClassGaussians,
  heldOutSquaredDistances,
  squaredDistances,
} from "./class-gaussians.js";

/**
 * Whether an input is like what a task was trained on, by two measures on the frozen base: how far
 * its 5th nearest training example is (Sun et al., ICML 2022), and how far it is from the nearest
 * class in the metric of their common covariance (Lee et al., NeurIPS 2018; on vectors of length 1,
 * Mueller and Hein, ICML 2025).
 */
export interface OutlierScore {
  /** Share of training examples that lie as far from their 5th nearest as this input, or farther. */
  readonly knnPValue: number;
  /** Share of training examples that lie as far from the nearest class, or farther. */
  readonly classPValue: number;
  /**
   * Whether one of the two is so small that at most one in 20 inputs of the kind that the task
   * was trained on would have it. On fewer than 39 examples: whether it is farther than all of them.
   */
  readonly isOutlier: boolean;
}

/** What is known of the place of training examples. */
export interface OutlierModel {
  /** Rows of length 1. */
  readonly embeddings: Matrix32;
  readonly gaussians: ClassGaussians;
  /** Scores of training examples that were left out, ascending. */
  readonly reference: { readonly neighbours: Float64Array; readonly classes: Float64Array };
}

export interface OutlierOptions {
  /** Training examples x features, rows of length 1. */
  readonly embeddings: Matrix32;
  /** Class of each row, from 0. */
  readonly targets: Int32Array;
  readonly classes: number;
  /** Rows of one group are near-duplicates, and not each other's neighbours. */
  readonly groups: Int32Array;
  readonly linearAlgebra: LinearAlgebra;
  readonly random: Random;
}

const NEIGHBOURS = 5;
/** Examples that are left out in turn: more would not make the shares much finer. */
const REFERENCE_ROWS = 1000;
/** Two measures, each allowed half of one in 20. */
const SMALLEST_SHARE = 0.025;

/** Measures training examples as if each were new, for new inputs to be compared with. */
export async function fitOutliers(options: OutlierOptions): Promise<OutlierModel> {
  const { embeddings, targets, classes, groups, linearAlgebra, random } = options;
  const order = random.shuffle(Int32Array.from(targets.keys()));
  const gaussians = await fitClassGaussians(embeddings, targets, classes, order, linearAlgebra);
  const rows = order.slice(0, REFERENCE_ROWS);
  const neighbours = await findNeighbours(
    selectRows(embeddings, rows),
    embeddings,
    linearAlgebra,
    (index, example) => groups[rows[index]!] !== groups[example],
  );
  const distances = await heldOutSquaredDistances(
    gaussians,
    embeddings,
    targets,
    rows,
    linearAlgebra,
  );
  const reference = {
    neighbours: Float64Array.from(neighbours, distanceToNeighbours).sort(),
    classes: nearestClass(distances).sort(),
  };
  return { embeddings, gaussians, reference };
}

/** @param embeddings - Of some inputs: rows of length 1. */
export async function scoreOutliers(
  { embeddings: examples, gaussians, reference }: OutlierModel,
  embeddings: Matrix32,
  linearAlgebra: LinearAlgebra,
): Promise<OutlierScore[]> {
  const neighbours = await findNeighbours(embeddings, examples, linearAlgebra);
  const distances = nearestClass(await squaredDistances(gaussians, embeddings, linearAlgebra));
  const smallest = Math.max(SMALLEST_SHARE, 1 / (reference.classes.length + 1));
  return neighbours.map((nearest, row) => {
    const shares = {
      knnPValue: shareFrom(reference.neighbours, distanceToNeighbours(nearest)),
      classPValue: shareFrom(reference.classes, distances[row]!),
    };
    return { ...shares, isOutlier: Math.min(shares.knnPValue, shares.classPValue) <= smallest };
  });
}

/** Infinite for an example that has none. */
function distanceToNeighbours(nearest: readonly Neighbour[]): number {
  const farthest = nearest[Math.min(NEIGHBOURS, nearest.length) - 1];
  return farthest === undefined ? Infinity : 1 - farthest.cosine;
}

function nearestClass(distances: Matrix64): Float64Array {
  return Float64Array.from({ length: distances.rows }, (_, row) =>
    rowOf(distances, row).reduce((least, distance) => Math.min(least, distance), Infinity),
  );
}

/** The share of scores that reach a value, the value itself counted among them. */
function shareFrom(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return (ascending.length - low + 1) / (ascending.length + 1);
}
