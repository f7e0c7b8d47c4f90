import type { GraphBuilder } from "@engraft/onnx";
import type { NearestMeanModel } from "../distance/nearest-mean.js";
import type { NearestNeighboursModel } from "../distance/nearest-neighbours.js";
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
  const labels = g.op("Gather", [
    g.floats(oneHot(targets, classes), [examples.rows, classes]),
    rows,
  ]);
  const shares = g.op("MatMul", [g.op("Unsqueeze", [weights, g.ints([1])]), labels]);
  const votes = g.op("Mul", [
    g.op("Squeeze", [shares, g.ints([1])]),
    g.floats([neighbours / (neighbours + 1)], [1]),
  ]);
  const prior = g.floats([1 / classes / (neighbours + 1)], [1]);
  return g.op("Log", [g.op("Add", [votes, prior])]);
}

function oneHot(targets: Int32Array, classes: number): Float32Array {
  const rows = new Float32Array(targets.length * classes);
  for (const [row, target] of targets.entries()) rows[row * classes + target] = 1;
  return rows;
}
