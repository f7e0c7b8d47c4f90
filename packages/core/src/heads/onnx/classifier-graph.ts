import type { GraphBuilder } from "@engraft/onnx";
import { type ColumnRange, mergeAdjacent } from "../../features/table.js";
import type { NearestMeanModel } from "../distance/nearest-mean.js";
import type { NearestNeighboursModel } from "../distance/nearest-neighbours.js";
import {
  type GraphPart,
  LEAST_MASS,
  type NeighbourGraphModel,
} from "../distance/neighbour-graph.js";
import type { LinearModel } from "../logistic/linear-model.js";
import type { Classifier } from "../views/classifier.js";

/** Writes a classifier: from features [batch, width] to log-probabilities [batch, classes]. */
export function writeClassifier(g: GraphBuilder, input: string, classifier: Classifier): string {
  switch (classifier.kind) {
    case "logistic":
      return writeLinear(g, input, classifier.linear);
    case "nearest-mean":
      return writeNearestMean(g, input, classifier.model);
    case "nearest-neighbours":
      return writeNearestNeighbours(g, input, classifier.model);
    case "graph":
      return writeNeighbourGraph(g, input, classifier.model);
  }
}

/** x / |x| */
export function writeUnitLength(g: GraphBuilder, input: string): string {
  const squares = g.op("ReduceSumSquare", [input], { axes: [1], keepdims: 1 });
  const length = g.op("Sqrt", [g.op("Max", [squares, g.floats([1e-24], [1])])]);
  return g.op("Div", [input, length]);
}

/** log softmax(W x + b) */
function writeLinear(g: GraphBuilder, input: string, { weights, bias }: LinearModel): string {
  const matrix = g.floats(weights, [bias.length, weights.length / bias.length]);
  const logits = g.op("Gemm", [input, matrix, g.floats(bias, [bias.length])], { transB: 1 });
  return g.op("LogSoftmax", [logits], { axis: 1 });
}

/** log softmax(cos(x - mean, classMeans) / temperature) */
function writeNearestMean(
  g: GraphBuilder,
  input: string,
  { mean, classMeans, temperature }: NearestMeanModel,
): string {
  const centred = g.op("Sub", [input, g.floats(mean, [mean.length])]);
  const scaled = classMeans.data.map((value) => value / temperature);
  const logits = g.op(
    "Gemm",
    [writeUnitLength(g, centred), g.floats(scaled, [classMeans.rows, classMeans.cols])],
    { transB: 1 },
  );
  return g.op("LogSoftmax", [logits], { axis: 1 });
}

/** log((k · share + 1 / classes) / (k + 1)), the shares weighted by exp(cosine / bandwidth) */
function writeNearestNeighbours(
  g: GraphBuilder,
  input: string,
  { examples, targets, classes, k, bandwidth }: NearestNeighboursModel,
): string {
  const neighbours = Math.min(k, examples.rows);
  const cosines = g.op(
    "Gemm",
    [writeUnitLength(g, input), g.floats(examples.data, [examples.rows, examples.cols])],
    { transB: 1 },
  );
  const topK = g.ops("TopK", [cosines, g.ints([neighbours])], 2, { axis: 1 });
  const [values, rows] = topK as [string, string];
  const weights = g.op("Softmax", [g.op("Div", [values, g.floats([bandwidth], [1])])], { axis: 1 });
  const labels = g.floats(oneHot(targets, classes), [examples.rows, classes]);
  const votes = g.op("Mul", [
    writeWeightedRows(g, labels, rows, weights),
    g.floats([neighbours / (neighbours + 1)], [1]),
  ]);
  const prior = g.floats([1 / classes / (neighbours + 1)], [1]);
  return g.op("Log", [g.op("Add", [votes, prior])]);
}

/** softmax(factor · log(F / Σ F + floor)), F the masses of the nearest nodes weighted by max(s, 0)² */
function writeNeighbourGraph(
  g: GraphBuilder,
  input: string,
  { parts, nodes, mass, neighbours, floor, factor }: NeighbourGraphModel,
): string {
  const share = g.floats([1 / Math.sqrt(parts.length)], [1]);
  const units = parts.map((part) => g.op("Mul", [writeGraphPart(g, input, part), share]));
  const row = units.length === 1 ? units[0]! : g.op("Concat", units, { axis: 1 });
  const similarities = g.op("Gemm", [row, g.floats(nodes.data, [nodes.rows, nodes.cols])], {
    transB: 1,
  });
  const count = g.ints([Math.min(neighbours, nodes.rows)]);
  const [values, rows] = g.ops("TopK", [similarities, count], 2, { axis: 1 }) as [string, string];
  const positive = g.op("Max", [values, g.floats([0], [1])]);
  const classes = mass.cols;
  const table = g.floats(mass.data, [mass.rows, classes]);
  const masses = writeWeightedRows(g, table, rows, g.op("Mul", [positive, positive]));
  const ones = g.floats(new Float32Array(classes).fill(1), [1, classes]);
  const total = g.op("Gemm", [masses, ones], { transB: 1 });
  const shares = g.op("Div", [masses, g.op("Max", [total, g.floats([LEAST_MASS], [1])])]);
  const logits = g.op("Log", [g.op("Add", [shares, g.floats([floor / classes], [1])])]);
  return g.op("LogSoftmax", [g.op("Mul", [logits, g.floats([factor], [1])])], { axis: 1 });
}

/** (axes x - origin) at length 1 */
function writeGraphPart(
  g: GraphBuilder,
  input: string,
  { ranges, isUnit, axes, origin }: GraphPart,
): string {
  const own = writeRanges(g, input, mergeAdjacent(ranges));
  const coordinates = g.op(
    "Gemm",
    [
      isUnit ? writeUnitLength(g, own) : own,
      g.floats(axes.data, [axes.rows, axes.cols]),
      g.floats(
        origin.map((value) => -value),
        [origin.length],
      ),
    ],
    { transB: 1 },
  );
  return writeUnitLength(g, coordinates);
}

/** Some columns side by side. */
export function writeRanges(
  g: GraphBuilder,
  input: string,
  ranges: readonly ColumnRange[],
): string {
  const parts = ranges.map(({ start, width }) =>
    g.op("Slice", [input, g.ints([start]), g.ints([start + width]), g.ints([1])]),
  );
  return parts.length === 1 ? parts[0]! : g.op("Concat", parts, { axis: 1 });
}

/** The sum of some rows of a table for each input, by weights: rows and weights are [batch, k]. */
function writeWeightedRows(g: GraphBuilder, table: string, rows: string, weights: string): string {
  const chosen = g.op("Gather", [table, rows]);
  const sums = g.op("MatMul", [g.op("Unsqueeze", [weights, g.ints([1])]), chosen]);
  return g.op("Squeeze", [sums, g.ints([1])]);
}

function oneHot(targets: Int32Array, classes: number): Float32Array {
  const rows = new Float32Array(targets.length * classes);
  for (const [row, target] of targets.entries()) rows[row * classes + target] = 1;
  return rows;
}
