import type { LinearAlgebra, Matrix32 } from "../../math/matrix.js";
import { type NearestRows, nearestOthers, nearestRows } from "../distance/nearest-rows.js";

/**
 * What a neighbour graph is made of: the nearest rows of all rows, before it is known which labelled
 * ones a fold leaves out.
 */
export interface GraphParts {
  readonly unlabelled: number;
  /** Of unlabelled rows among each other. */
  readonly within: NearestRows;
  /** Of unlabelled rows among the labelled. */
  readonly toLabelled: NearestRows;
  /** Of labelled rows among the unlabelled. */
  readonly fromLabelled: NearestRows;
  /** Of labelled rows among each other. */
  readonly labelled: NearestRows;
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
  /** `D`: the weight of all edges of each node. */
  readonly degrees: Float64Array;
}

/** Neighbours that each node is joined to. */
export const NEIGHBOURS = 12;
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
  signal?: AbortSignal,
): Promise<GraphParts> {
  const all = (): boolean => true;
  return {
    unlabelled: unlabelled.rows,
    within: await nearestOthers(unlabelled, algebra, NEIGHBOURS, signal),
    toLabelled: await nearestRows(unlabelled, labelled, algebra, all, SPARE),
    fromLabelled: await nearestRows(labelled, unlabelled, algebra, all, NEIGHBOURS),
    labelled: await nearestOthers(labelled, algebra, SPARE, signal),
  };
}

/** The nodes that each node is joined to, at most 12, with the weight of each edge. */
interface Edges {
  readonly nodes: number;
  /** How many of each. */
  readonly counts: Uint8Array;
  readonly others: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Joins every node to its nearest 12, with the weight of their squared similarity; labelled rows that
 * are not chosen are no part of the graph.
 *
 * @param chosen - Numbers of labelled rows; they become the nodes after the unlabelled rows.
 */
export function makeGraph(parts: GraphParts, chosen: Int32Array): Graph {
  const { unlabelled } = parts;
  const nodes = unlabelled + chosen.length;
  const nodeOf = new Int32Array(parts.labelled.counts.length).fill(-1);
  chosen.forEach((row, index) => {
    nodeOf[row] = unlabelled + index;
  });
  const size = nodes * NEIGHBOURS;
  const edges: Edges = {
    nodes,
    counts: new Uint8Array(nodes),
    others: new Int32Array(size),
    weights: new Float32Array(size),
  };
  for (let row = 0; row < unlabelled; row++) {
    joinNearest(edges, row, row, parts.within, parts.toLabelled, nodeOf);
  }
  chosen.forEach((row, index) => {
    joinNearest(edges, unlabelled + index, row, parts.fromLabelled, parts.labelled, nodeOf);
  });
  return normalised(edges);
}

/** Joins a node to the nearest of its unlabelled and its chosen labelled neighbours. */
function joinNearest(
  { counts, others, weights }: Edges,
  node: number,
  row: number,
  unlabelled: NearestRows,
  labelled: NearestRows,
  nodeOf: Int32Array,
): void {
  let at = row * unlabelled.width;
  let other = row * labelled.width;
  const [end, otherEnd] = [at + unlabelled.counts[row]!, other + labelled.counts[row]!];
  const start = node * NEIGHBOURS;
  let count = 0;
  for (;;) {
    while (other < otherEnd && nodeOf[labelled.rows[other]!]! < 0) other++;
    const cosine = at < end ? unlabelled.cosines[at]! : 0;
    const otherCosine = other < otherEnd ? labelled.cosines[other]! : 0;
    const isLabelled = otherCosine > cosine;
    const nearest = isLabelled ? otherCosine : cosine;
    if (!(nearest > 0) || count === NEIGHBOURS) break;
    others[start + count] = isLabelled ? nodeOf[labelled.rows[other++]!]! : unlabelled.rows[at++]!;
    weights[start + count++] = nearest ** 2;
  }
  counts[node] = count;
}

/** The weight of the edge from a node to another, 0 where there is none. */
function weightOf({ counts, others, weights }: Edges, from: number, to: number): number {
  const start = from * NEIGHBOURS;
  for (let at = start; at < start + counts[from]!; at++) {
    if (others[at] === to) return weights[at]!;
  }
  return 0;
}

/** Every edge counts in both directions; those between the same two nodes are one. */
function normalised(edges: Edges): Graph {
  const { nodes, counts, others, weights } = edges;
  const degrees = new Float64Array(nodes).fill(1e-9);
  const rowOffsets = new Int32Array(nodes + 1);
  /** Calls back with both ends of every pair of joined nodes, once. */
  const forEachPair = (use: (one: number, other: number, weight: number) => void): void => {
    for (let node = 0; node < nodes; node++) {
      const start = node * NEIGHBOURS;
      for (let at = start; at < start + counts[node]!; at++) {
        const other = others[at]!;
        const back = weightOf(edges, other, node);
        if (back === 0 || node < other) use(node, other, weights[at]! + back);
      }
    }
  };
  forEachPair((one, other, weight) => {
    degrees[one]! += weight;
    degrees[other]! += weight;
    rowOffsets[one + 1]!++;
    rowOffsets[other + 1]!++;
  });
  for (let node = 0; node < nodes; node++) rowOffsets[node + 1]! += rowOffsets[node]!;
  const columns = new Int32Array(rowOffsets[nodes]!);
  const values = new Float32Array(columns.length);
  const next = rowOffsets.slice();
  forEachPair((one, other, weight) => {
    const value = weight / Math.sqrt(degrees[one]! * degrees[other]!);
    columns[next[one]!] = other;
    values[next[one]!++] = value;
    columns[next[other]!] = one;
    values[next[other]!++] = value;
  });
  return { nodes, rowOffsets, columns, values, degrees };
}

/** The share of a node's label that comes from its neighbours. */
const SPREAD = 0.95;
/** After so many rounds, about a three-hundredth of what is to spread has not arrived. */
const ROUNDS = 18;

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
