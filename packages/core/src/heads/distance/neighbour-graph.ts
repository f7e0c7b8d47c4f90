import type { ColumnRange } from "../../features/table.js";
import {
  type LinearAlgebra,
  type Matrix,
  type Matrix32,
  type Matrix64,
  rowOf,
  zeros32,
  zeros64,
} from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { toUnitLength } from "../../math/vector.js";
import { nearestRows } from "./nearest-rows.js";

/** How one part of the features becomes coordinates: `z = axes x - origin`, then length 1. */
export interface GraphPart {
  /** Where the part lies in the features. */
  readonly ranges: readonly ColumnRange[];
  /** Whether the part is divided by its length first. */
  readonly isUnit: boolean;
  /** Coordinates x features. */
  readonly axes: Matrix32;
  /** One for each coordinate. */
  readonly origin: Float64Array;
}

/**
 * Classifies by the nodes of a graph over which labels were spread. A row has the coordinates of its
 * parts side by side; its similarity `s` to a node is the mean cosine of the parts. What its nearest
 * nodes have of each class, weighted by `max(s, 0)²`, is what it has: the way of label spreading to
 * rows that are no nodes (Delalleau, Bengio and Le Roux 2005, "Efficient Non-Parametric Function
 * Induction in Semi-Supervised Learning").
 */
export interface NeighbourGraphModel {
  readonly parts: readonly GraphPart[];
  /** Nodes x the coordinates of all parts; their dot product with a row is the similarity. */
  readonly nodes: Matrix32;
  /** What each node has of each class, divided by the root of its degree: nodes x classes. */
  readonly mass: Matrix32;
  /** Nearest nodes that count. */
  readonly neighbours: number;
  /** What is added to every probability, in all. */
  readonly floor: number;
  /** What log-probabilities are multiplied by before they are normalised again. */
  readonly factor: number;
}

/** The least mass of all classes together by which shares are taken; less says nothing. */
export const LEAST_MASS = 1e-20;

/** Log-probabilities of every row: rows x classes. */
export async function neighbourGraphLogProbabilities(
  model: NeighbourGraphModel,
  features: Matrix,
  linearAlgebra: LinearAlgebra,
): Promise<Matrix64> {
  const { nodes, mass, neighbours, floor, factor } = model;
  const rows = await graphCoordinates(model.parts, features, linearAlgebra);
  const nearest = await nearestRows(rows, nodes, linearAlgebra, () => true, neighbours);
  const { cols: classes } = mass;
  const result = zeros64(features.rows, classes);
  for (let row = 0; row < result.rows; row++) {
    const shares = rowOf(result, row);
    const start = row * nearest.width;
    for (let at = start; at < start + nearest.counts[row]!; at++) {
      const weight = Math.max(0, nearest.cosines[at]!) ** 2;
      const from = nearest.rows[at]! * classes;
      for (let k = 0; k < classes; k++) shares[k]! += weight * mass.data[from + k]!;
    }
    const total = Math.max(
      LEAST_MASS,
      shares.reduce((sum, share) => sum + share, 0),
    );
    for (let k = 0; k < classes; k++) {
      shares[k] = factor * Math.log(shares[k]! / total + floor / classes);
    }
  }
  return logSoftmaxRows(result);
}

/** The coordinates of all parts side by side, so that dot products are mean cosines. */
async function graphCoordinates(
  parts: readonly GraphPart[],
  features: Matrix,
  linearAlgebra: LinearAlgebra,
): Promise<Matrix32> {
  const coordinates: Matrix32[] = [];
  for (const { ranges, isUnit, axes, origin } of parts) {
    const own = partOf(features, ranges);
    if (isUnit) for (let row = 0; row < own.rows; row++) toUnitLength(rowOf(own, row));
    const products = await linearAlgebra.multiply(own, axes, { b: true });
    for (let row = 0; row < products.rows; row++) {
      const vector = rowOf(products, row);
      for (let axis = 0; axis < vector.length; axis++) vector[axis]! -= origin[axis]!;
    }
    coordinates.push(products);
  }
  return meanCosineRows(coordinates);
}

function partOf(features: Matrix, ranges: readonly ColumnRange[]): Matrix32 {
  const result = zeros32(
    features.rows,
    ranges.reduce((sum, { width }) => sum + width, 0),
  );
  for (let row = 0; row < features.rows; row++) {
    const [source, target] = [rowOf(features, row), rowOf(result, row)];
    let at = 0;
    for (const { start, width } of ranges) {
      target.set(source.subarray(start, start + width), at);
      at += width;
    }
  }
  return result;
}

/** Rows of length 1 side by side, whose dot products are the mean cosine of the parts. */
export function meanCosineRows(parts: readonly Matrix32[]): Matrix32 {
  const cols = parts.reduce((sum, part) => sum + part.cols, 0);
  const result = zeros32(parts[0]!.rows, cols);
  const share = 1 / Math.sqrt(parts.length);
  for (let row = 0; row < result.rows; row++) {
    const target = rowOf(result, row);
    let at = 0;
    for (const part of parts) {
      const vector = rowOf(part, row).slice();
      toUnitLength(vector);
      for (const value of vector) target[at++] = value * share;
    }
  }
  return result;
}
