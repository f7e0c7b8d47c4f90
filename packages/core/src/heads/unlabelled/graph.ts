import type { LinearAlgebra, Matrix32 } from "../../math/matrix.js";
import { findNeighbours, type Neighbour } from "../distance/nearest-neighbours.js";

/** The nearest of some rows for each row. */
type Neighbours = readonly (readonly Neighbour[])[];

/**
 * What a neighbour graph is made of: the nearest rows of all rows, before it is known which labelled
 * ones a fold leaves out.
 */
export interface GraphParts {
  readonly unlabelled: number;
  /** Of unlabelled rows among each other. */
  readonly within: Neighbours;
  /** Of unlabelled rows among the labelled. */
  readonly toLabelled: Neighbours;
  /** Of labelled rows among the unlabelled. */
  readonly fromLabelled: Neighbours;
  /** Of labelled rows among each other. */
  readonly labelled: Neighbours;
}

/**
 * A symmetrically normalised graph `S = D^-½ (A + Aᵀ) D^-½` by compressed rows. Its nodes are first the
 * unlabelled rows, then the chosen labelled ones.
 */
export interface Graph {
  readonly nodes: number;
  readonly rowOffsets: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** Neighbours that each row is joined to. */
const NEIGHBOURS = 12;
/** Labelled neighbours that are kept for when some of them are left out. */
const SPARE = 36;

/**
 * Compares all rows.
 *
 * @param unlabelled - Vectors of length 1.
 * @param labelled - The same of the labelled rows.
 */
export async function graphParts(
  unlabelled: Matrix32,
  labelled: Matrix32,
  algebra: LinearAlgebra,
): Promise<GraphParts> {
  return {
    unlabelled: unlabelled.rows,
    within: await findNeighbours(unlabelled, unlabelled, algebra, areDifferent, NEIGHBOURS),
    toLabelled: await findNeighbours(unlabelled, labelled, algebra, undefined, SPARE),
    fromLabelled: await findNeighbours(labelled, unlabelled, algebra, undefined, NEIGHBOURS),
    labelled: await findNeighbours(labelled, labelled, algebra, areDifferent, SPARE),
  };
}

const areDifferent = (row: number, other: number): boolean => row !== other;

/**
 * Joins every node to its nearest 12, with the weight of their squared similarity; labelled rows that
 * are not chosen are no part of the graph.
 *
 * @param chosen - Numbers of labelled rows; they become the nodes after the unlabelled rows.
 */
export function makeGraph(parts: GraphParts, chosen: Int32Array): Graph {
  const { unlabelled } = parts;
  const nodes = unlabelled + chosen.length;
  const nodeOf = new Map(Array.from(chosen, (row, index) => [row, unlabelled + index]));
  const edges: Map<number, number>[] = Array.from({ length: nodes }, () => new Map());
  const join = (from: number, to: number, weight: number): void => {
    edges[from]!.set(to, (edges[from]!.get(to) ?? 0) + weight);
    edges[to]!.set(from, (edges[to]!.get(from) ?? 0) + weight);
  };
  const joinNearest = (node: number, row: number, a: Neighbours, b: Neighbours): void => {
    const chosenOnes = b[row]!.flatMap(({ row: other, cosine }) => {
      const known = nodeOf.get(other);
      return known === undefined ? [] : [{ row: known, cosine }];
    });
    const candidates = [...a[row]!, ...chosenOnes].sort(
      (left, right) => right.cosine - left.cosine || left.row - right.row,
    );
    for (const { row: other, cosine } of candidates.slice(0, NEIGHBOURS)) {
      if (cosine > 0) join(node, other, cosine ** 2);
    }
  };
  for (let row = 0; row < unlabelled; row++) joinNearest(row, row, parts.within, parts.toLabelled);
  chosen.forEach((row, index) => {
    joinNearest(unlabelled + index, row, parts.fromLabelled, parts.labelled);
  });
  return normalised(edges);
}

function normalised(edges: readonly ReadonlyMap<number, number>[]): Graph {
  const degrees = edges.map((of) => [...of.values()].reduce((sum, weight) => sum + weight, 1e-9));
  const rowOffsets = new Int32Array(edges.length + 1);
  edges.forEach((of, node) => {
    rowOffsets[node + 1] = rowOffsets[node]! + of.size;
  });
  const columns = new Int32Array(rowOffsets.at(-1)!);
  const values = new Float32Array(columns.length);
  let at = 0;
  edges.forEach((of, node) => {
    for (const [other, weight] of of) {
      columns[at] = other;
      values[at++] = weight / Math.sqrt(degrees[node]! * degrees[other]!);
    }
  });
  return { nodes: edges.length, rowOffsets, columns, values };
}

/** The share of a node's label that comes from its neighbours. */
const SPREAD = 0.95;
/** After so many rounds, less than a thousandth of what is to spread has not arrived. */
const ROUNDS = 24;

/**
 * Spreads labels over a graph (Zhou et al. 2004): the solution of `(I - 0.95 S) F = Y`, by Chebyshev's
 * semi-iteration (Golub and Varga 1961), for eigenvalues of `S` in [-1, 1].
 *
 * @param seeds - `Y`: nodes x any number of columns.
 */
export function spreadLabels(graph: Graph, seeds: Matrix32): Matrix32 {
  const { cols } = seeds;
  let before = new Float32Array(seeds.data.length);
  let here = seeds.data.slice();
  let omega = 1;
  for (let round = 1; round < ROUNDS; round++) {
    omega = round === 1 ? 1 / (1 - SPREAD ** 2 / 2) : 1 / (1 - (SPREAD ** 2 * omega) / 4);
    // In place of the values before the last: they are read once, each where its successor is put.
    advance(graph, cols, seeds.data, here, before, omega);
    [before, here] = [here, before];
  }
  return { ...seeds, data: here };
}

/** `before ← before + omega · (seeds + 0.95 · S · here - before)` */
function advance(
  { nodes, rowOffsets, columns, values }: Graph,
  cols: number,
  seeds: Float32Array,
  here: Float32Array,
  before: Float32Array,
  omega: number,
): void {
  const sums = new Float64Array(cols);
  for (let node = 0; node < nodes; node++) {
    sums.fill(0);
    for (let entry = rowOffsets[node]!; entry < rowOffsets[node + 1]!; entry++) {
      const weight = values[entry]!;
      const from = columns[entry]! * cols;
      for (let col = 0; col < cols; col++) sums[col]! += weight * here[from + col]!;
    }
    const at = node * cols;
    for (let col = 0; col < cols; col++) {
      const next = seeds[at + col]! + SPREAD * sums[col]!;
      before[at + col]! += omega * (next - before[at + col]!);
    }
  }
}
