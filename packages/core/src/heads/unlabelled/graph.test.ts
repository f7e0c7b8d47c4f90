import { describe, expect, it } from "vitest";
import { type Matrix32, rowOf, zeros32 } from "../../math/matrix.js";
import { plainLinearAlgebra as algebra } from "../../math/plain-linear-algebra.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { indexOfLargest, toUnitLength } from "../../math/vector.js";
import { createRandom } from "../../random/random.js";
import { findNeighbours } from "../distance/nearest-neighbours.js";
import { type Graph, graphParts, makeGraph, spreadLabels } from "./graph.js";
import { predictByGraph } from "./graph-view.js";

const CLASSES = 3;

/** Rows of length 1 in three clusters, by turns. */
function clustered(rows: number, seed: number): Matrix32 {
  const random = createRandom(seed);
  const matrix = zeros32(rows, 8);
  for (let row = 0; row < rows; row++) {
    const vector = rowOf(matrix, row);
    for (let col = 0; col < vector.length; col++) {
      vector[col] = 0.25 * random.normal() + (col === row % CLASSES ? 1 : 0);
    }
    toUnitLength(vector);
  }
  return matrix;
}

const dense = ({ nodes, rowOffsets, columns, values }: Graph): number[][] =>
  Array.from({ length: nodes }, (_, node) => {
    const row = new Array<number>(nodes).fill(0);
    for (let at = rowOffsets[node]!; at < rowOffsets[node + 1]!; at++)
      row[columns[at]!] = values[at]!;
    return row;
  });

describe("findNeighbours", () => {
  it("finds the most alike first, and never a row itself", async () => {
    const rows = clustered(40, 1);
    const found = await findNeighbours(rows, rows, algebra, (a, b) => a !== b, 5);
    for (let row = 0; row < rows.rows; row++) {
      const products = Array.from({ length: rows.rows }, (_, other) => {
        const dot = rowOf(rows, row).reduce((sum, x, i) => sum + x * rowOf(rows, other)[i]!, 0);
        return other === row ? Number.NEGATIVE_INFINITY : dot;
      });
      const wanted = [...products.keys()].sort((a, b) => products[b]! - products[a]!).slice(0, 5);
      expect(found[row]!.map(({ row: other }) => other)).toEqual(wanted);
    }
  });

  it("finds as many as there are", async () => {
    const rows = clustered(3, 2);
    const others = await findNeighbours(rows, rows, algebra, (a, b) => a !== b, 12);
    expect(others.map(({ length }) => length)).toEqual([2, 2, 2]);
    const none = await findNeighbours(rows, zeros32(0, 8), algebra);
    expect(none.map(({ length }) => length)).toEqual([0, 0, 0]);
  });
});

describe("a graph", () => {
  it("is symmetric, has no loops, and leaves out labelled rows that are not chosen", async () => {
    const parts = await graphParts(clustered(60, 3), clustered(9, 4), algebra);
    const graph = makeGraph(parts, Int32Array.of(0, 2, 7));
    expect(graph.nodes).toBe(63);
    const weights = dense(graph);
    weights.forEach((row, a) => {
      expect(row[a]).toBe(0);
      row.forEach((weight, b) => {
        expect(weight).toBeCloseTo(weights[b]![a]!, 6);
      });
    });
  });

  it("spreads labels as the solution of its equation", async () => {
    const parts = await graphParts(clustered(50, 5), clustered(6, 6), algebra);
    const graph = makeGraph(parts, Int32Array.of(0, 1, 2, 3, 4, 5));
    const seeds = zeros32(graph.nodes, 2);
    seeds.data[50 * 2] = 1;
    seeds.data[51 * 2 + 1] = 1;
    const spread = spreadLabels(graph, seeds);
    dense(graph).forEach((weights, node) => {
      for (let col = 0; col < 2; col++) {
        const neighbours = weights.reduce(
          (sum, w, other) => sum + w * spread.data[other * 2 + col]!,
          0,
        );
        const wanted = seeds.data[node * 2 + col]! + 0.95 * neighbours;
        expect(spread.data[node * 2 + col]).toBeCloseTo(wanted, 2);
      }
    });
  });
});

describe("predictByGraph", () => {
  const labelled = clustered(9, 7);
  const unlabelled = clustered(90, 8);
  const targets = Int32Array.from({ length: 9 }, (_, row) => row % CLASSES);
  const foldOf = Int32Array.from({ length: 9 }, (_, row) => Math.floor(row / 3));
  const labels = {
    targets,
    classes: CLASSES,
    foldOf,
    heldOut: [0, 1, 2],
    rows: targets.map((_, i) => i),
    asked: Int32Array.from({ length: 90 }, (_, row) => row),
  };

  it("labels the rows of each cluster, with all labels and without a fold", async () => {
    const parts = await graphParts(unlabelled, labelled, algebra);
    const says = predictByGraph(makeGraph(parts, Int32Array.from(targets.keys())), labels);
    for (const part of [says.all, ...says.withoutFold]) {
      const right = Array.from(
        { length: 90 },
        (_, row) => indexOfLargest(rowOf(part, row)) === row % CLASSES,
      );
      expect(right.filter(Boolean).length).toBeGreaterThan(85);
    }
  });

  it("gives each class the mass that it is known to have", async () => {
    const parts = await graphParts(unlabelled, labelled, algebra);
    const graph = makeGraph(parts, Int32Array.from(targets.keys()));
    const meanOf = (classShares: Float64Array | undefined): number[] => {
      const { all } = predictByGraph(graph, { ...labels, classShares });
      const probabilities = logSoftmaxRows(all).data.map(Math.exp);
      return [0, 1, 2].map(
        (k) => probabilities.filter((_, at) => at % CLASSES === k).reduce((a, b) => a + b) / 90,
      );
    };
    const [same, given] = [meanOf(undefined), meanOf(Float64Array.of(0.8, 0.1, 0.1))];
    expect(meanOf(Float64Array.of(1, 1, 1))).toEqual(same);
    expect(given[0]! - same[0]!).toBeGreaterThan(0.02);
    expect(given[1]! - same[1]!).toBeLessThan(-0.01);
  });

  it("learns nothing about a held-out row from its label", async () => {
    const parts = await graphParts(unlabelled, labelled, algebra);
    const graph = makeGraph(parts, Int32Array.from(targets.keys()));
    const honest = predictByGraph(graph, labels);
    // Another label of row 0 changes what is said of the rows of other folds, and of itself only by
    // the temperature, which all rows share: its ranking stays.
    const lying = predictByGraph(graph, { ...labels, targets: targets.with(0, 1) });
    const ranking = (says: typeof honest): number[] =>
      [...rowOf(says.outOfFold, 0).keys()].sort(
        (a, b) => rowOf(says.outOfFold, 0)[b]! - rowOf(says.outOfFold, 0)[a]!,
      );
    expect(ranking(lying)).toEqual(ranking(honest));
    expect(indexOfLargest(rowOf(honest.outOfFold, 0))).toBe(0);
  });
});
