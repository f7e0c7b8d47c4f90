import { type Matrix32, type Matrix64, rowOf, zeros32, zeros64 } from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { scale } from "../../math/vector.js";
import { fitFactor } from "../pool/factor.js";
import { type Graph, spreadLabels } from "./graph.js";

/** What is said about unlabelled rows, by a classifier of all labelled rows and by those of the folds. */
export interface UnlabelledPredictions {
  /** Log-probabilities of the unlabelled rows: rows x classes. */
  readonly all: Matrix64;
  /** The same without the labels of each held-out fold, in their order. */
  readonly withoutFold: readonly Matrix64[];
}

/** What a graph says: the view that teaches. */
export interface GraphPredictions extends UnlabelledPredictions {
  /** Log-probabilities of the held-out labelled rows, without the labels of their folds. */
  readonly outOfFold: Matrix64;
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
}

/** What is added to every probability, in all. */
const FLOOR = 0.02;

/**
 * Spreads the labels over the graph, with those of each held-out fold left out by turns. Every class
 * starts with the same mass and ends with the same mass.
 */
export function predictByGraph(graph: Graph, labels: GraphLabels): GraphPredictions {
  const { targets, classes, foldOf, heldOut, rows } = labels;
  const unlabelled = graph.nodes - targets.length;
  const spread = spreadLabels(graph, seedsOf(graph, labels));
  /** Logits of all nodes with the labels of some folds alone. */
  const logitsOf = (isUsed: (group: number) => boolean): Matrix64 => {
    const factors = massFactors(labels, isUsed);
    const result = zeros64(graph.nodes, classes);
    for (let node = 0; node < graph.nodes; node++) {
      const from = rowOf(spread, node);
      const to = rowOf(result, node);
      for (let group = 0; group <= heldOut.length; group++) {
        if (!isUsed(group)) continue;
        for (let k = 0; k < classes; k++) to[k]! += factors[k]! * from[group * classes + k]!;
      }
    }
    return toLogits(result);
  };
  const withoutFold = heldOut.map((_, fold) => logitsOf((group) => group !== fold));
  const all = logitsOf(() => true);

  const outOfFold = zeros64(rows.length, classes);
  rows.forEach((row, place) => {
    const says = withoutFold[heldOut.indexOf(foldOf[row]!)]!;
    rowOf(outOfFold, place).set(rowOf(says, unlabelled + row));
  });
  const factor = fitFactor(
    outOfFold,
    rows.map((row) => targets[row]!),
    { centre: 1, strength: 0.5, lower: 0.01, upper: 20 },
  );
  const sharpened = (logits: Matrix64, count: number): Matrix64 => {
    const data = logits.data.slice(0, count * classes);
    scale(data, factor);
    return logSoftmaxRows({ rows: count, cols: classes, data });
  };
  return {
    outOfFold: sharpened(outOfFold, rows.length),
    all: sharpened(all, unlabelled),
    withoutFold: withoutFold.map((logits) => sharpened(logits, unlabelled)),
  };
}

/** One column for each class of each held-out fold, and at last of all other rows. */
function seedsOf(graph: Graph, { targets, classes, foldOf, heldOut }: GraphLabels): Matrix32 {
  const seeds = zeros32(graph.nodes, classes * (heldOut.length + 1));
  const unlabelled = graph.nodes - targets.length;
  targets.forEach((target, row) => {
    const group = heldOut.indexOf(foldOf[row]!);
    const column = (group < 0 ? heldOut.length : group) * classes + target;
    seeds.data[(unlabelled + row) * seeds.cols + column] = 1;
  });
  return seeds;
}

/** What a label of each class counts, so that all classes that are seen have the same mass. */
function massFactors(
  { targets, classes, foldOf, heldOut }: GraphLabels,
  isUsed: (group: number) => boolean,
): Float64Array {
  const counts = new Float64Array(classes);
  let total = 0;
  targets.forEach((target, row) => {
    const group = heldOut.indexOf(foldOf[row]!);
    if (!isUsed(group < 0 ? heldOut.length : group)) return;
    counts[target]!++;
    total++;
  });
  const seen = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? total / seen / count : 0));
}

/** `log(F / Σ F + floor)`, once every class has the same mass. */
function toLogits(mass: Matrix64): Matrix64 {
  const sums = columnSums(mass);
  for (let node = 0; node < mass.rows; node++) {
    const row = rowOf(mass, node);
    let total = 0;
    for (let k = 0; k < row.length; k++) {
      row[k] = Math.max(0, row[k]!) / sums[k]!;
      total += row[k]!;
    }
    for (let k = 0; k < row.length; k++) {
      row[k] = Math.log(row[k]! / Math.max(total, 1e-300) + FLOOR / row.length);
    }
  }
  return mass;
}

function columnSums({ data, cols }: Matrix64): Float64Array {
  const sums = new Float64Array(cols);
  data.forEach((value, at) => {
    sums[at % cols]! += value;
  });
  return sums.map((sum) => Math.max(sum, 1e-9));
}
