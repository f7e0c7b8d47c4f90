import {
  type Matrix32,
  type Matrix64,
  rowOf,
  toSingle,
  zeros32,
  zeros64,
} from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { scale } from "../../math/vector.js";
import { fitFactor } from "../pool/factor.js";
import { type Graph, spreadLabels } from "./graph.js";

/** What is said about some unlabelled rows, by a classifier of all labelled rows and by those of the folds. */
export interface UnlabelledLogits {
  /** Logits of the unlabelled rows: rows x classes. */
  readonly all: Matrix64;
  /** The same without the labels of each held-out fold, in their order. */
  readonly withoutFold: readonly Matrix64[];
}

/** What a graph says: the view that teaches. */
export interface GraphPredictions extends UnlabelledLogits {
  /** Log-probabilities of the held-out labelled rows, without the labels of their folds. */
  readonly outOfFold: Matrix64;
  /** What the logits were multiplied by. */
  readonly factor: number;
  /** What rows that are no nodes are classified by, of the nodes that are kept. */
  readonly kept: Matrix32 | undefined;
}

export interface GraphLabels {
  /** Class of each labelled row; they are the nodes after the unlabelled rows, in this order. */
  readonly targets: Int32Array;
  readonly classes: number;
  /** The fold that each is held out in. */
  readonly foldOf: Int32Array;
  /** The folds that are held out. */
  readonly heldOut: readonly number[];
  /** The labelled rows of these folds, ascending. */
  readonly rows: Int32Array;
  /** The unlabelled rows that are asked about. */
  readonly asked: Int32Array;
  /** How large a part of the unlabelled rows each class is taken to be. Default: all the same. */
  readonly classShares?: Float64Array | undefined;
  /**
   * What the names of the labels say about the unlabelled rows, where they are read: rows x classes,
   * each column of sum 1.
   */
  readonly votes?: Matrix64 | undefined;
  /** The nodes that are kept to classify other rows by. */
  readonly kept?: Int32Array | undefined;
}

/** What is added to every probability, in all. */
export const FLOOR = 0.02;

/**
 * Spreads the labels over the graph, with those of each held-out fold left out by turns. The names of
 * the labels count as one more label of each class, divided among the rows that they seem to name. The
 * mass of each class over all nodes becomes its share.
 */
export function predictByGraph(graph: Graph, labels: GraphLabels): GraphPredictions {
  const { targets, classes, foldOf, heldOut, rows, asked, classShares } = labels;
  const unlabelled = graph.nodes - targets.length;
  const spread = [...spreadByFold(graph, labels), ...spreadVotes(graph, labels)];
  const heldOutNodes = rows.map((row) => unlabelled + row);
  const isOf = (fold: number) => (part: Spread) => part.fold !== fold;

  const outOfFold = zeros64(rows.length, classes);
  for (const fold of heldOut) {
    const logits = logitsOf(spread.filter(isOf(fold)), heldOutNodes, classShares);
    rows.forEach((row, place) => {
      if (foldOf[row] === fold) rowOf(outOfFold, place).set(rowOf(logits, place));
    });
  }
  const factor = fitFactor(
    outOfFold,
    rows.map((row) => targets[row]!),
    { centre: 1, strength: 0.5, lower: 0.01, upper: 20 },
  );
  const askedLogits = (parts: readonly Spread[]): Matrix64 => {
    const logits = logitsOf(parts, asked, classShares);
    scale(logits.data, factor);
    return logits;
  };
  scale(outOfFold.data, factor);
  return {
    outOfFold: logSoftmaxRows(outOfFold),
    factor,
    kept: labels.kept && keptMass(graph, spread, labels.kept, classShares),
    all: askedLogits(spread),
    withoutFold: heldOut.map((fold) => askedLogits(spread.filter(isOf(fold)))),
  };
}

/** The labels of some rows, spread over the graph. */
interface Spread {
  /** The held-out fold of these rows; undefined of what is never held out. */
  readonly fold: number | undefined;
  /** Nodes x classes. */
  readonly mass: Matrix32;
  /** Of all nodes. */
  readonly sums: Float64Array;
}

/** The labels of each fold by themselves: what is spread adds up. */
function spreadByFold(
  graph: Graph,
  { targets, classes, foldOf, heldOut }: GraphLabels,
): readonly Spread[] {
  const unlabelled = graph.nodes - targets.length;
  const isHeldOut = new Set(heldOut);
  return [...heldOut, undefined].map((fold) => {
    const seeds = zeros32(graph.nodes, classes);
    targets.forEach((target, row) => {
      const own = isHeldOut.has(foldOf[row]!) ? foldOf[row] : undefined;
      if (own === fold) seeds.data[(unlabelled + row) * classes + target] = 1;
    });
    const mass = seeds.data.some((seed) => seed > 0) ? spreadLabels(graph, seeds) : seeds;
    return { fold, mass, sums: columnSums(mass) };
  });
}

/** The votes of the names, which no fold holds out. */
function spreadVotes(graph: Graph, { votes }: GraphLabels): readonly Spread[] {
  if (votes === undefined) return [];
  const seeds = zeros32(graph.nodes, votes.cols);
  seeds.data.set(votes.data);
  const mass = spreadLabels(graph, seeds);
  return [{ fold: undefined, mass, sums: columnSums(mass) }];
}

/** `log(F / Σ F + floor)` of some nodes, once the mass of every class is its share. */
function logitsOf(
  parts: readonly Spread[],
  nodes: Int32Array,
  classShares: Float64Array | undefined,
): Matrix64 {
  const result = massOf(parts, nodes, classShares);
  for (let place = 0; place < result.rows; place++) {
    const row = rowOf(result, place);
    const total = row.reduce((sum, mass) => sum + mass, 1e-300);
    for (let k = 0; k < row.length; k++) row[k] = Math.log(row[k]! / total + FLOOR / row.length);
  }
  return result;
}

/** `F` of some nodes, once the mass of every class over all nodes is its share. */
function massOf(
  parts: readonly Spread[],
  nodes: Int32Array,
  classShares: Float64Array | undefined,
): Matrix64 {
  const classes = parts[0]!.mass.cols;
  const result = zeros64(nodes.length, classes);
  const factors = Float64Array.from({ length: classes }, (_, k) => {
    const sum = parts.reduce((total, { sums }) => total + sums[k]!, 0);
    return (classShares?.[k] ?? 1) / Math.max(sum, 1e-9);
  });
  nodes.forEach((node, place) => {
    const row = rowOf(result, place);
    for (const { mass } of parts) {
      for (let k = 0; k < classes; k++) row[k]! += mass.data[node * classes + k]!;
    }
    for (let k = 0; k < classes; k++) row[k] = Math.max(0, row[k]!) * factors[k]!;
  });
  return result;
}

/** `D^-½ F` of some nodes: a row that is joined to them has the sum of it, by the weights of its edges. */
function keptMass(
  { degrees }: Graph,
  parts: readonly Spread[],
  nodes: Int32Array,
  classShares: Float64Array | undefined,
): Matrix32 {
  const mass = toSingle(massOf(parts, nodes, classShares));
  nodes.forEach((node, place) => {
    scale(rowOf(mass, place), 1 / Math.sqrt(degrees[node]!));
  });
  return mass;
}

function columnSums({ data, cols }: Matrix32): Float64Array {
  const sums = new Float64Array(cols);
  for (let start = 0; start < data.length; start += cols) {
    for (let col = 0; col < cols; col++) sums[col]! += data[start + col]!;
  }
  return sums;
}
