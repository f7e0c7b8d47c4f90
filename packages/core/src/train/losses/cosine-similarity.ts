import type { GraphBuilder, ValueInfo } from "@engraft/onnx";
import { requireMatrix, type WrittenLoss, writeBatchSize, writeMean } from "./loss.js";

/** Pairs of examples that are to be alike or not: contrastive tuning as in SetFit. */
export interface CosineSimilarityConfig {
  readonly name: "cosine-similarity";
}

/** A length below this counts as this, as in PyTorch's `cosine_similarity`. */
const SMALLEST_LENGTH = 1e-8;

/**
 * Mean of `(cos(aᵢ, bᵢ) - tᵢ)²` over the pairs of a batch: `CosineSimilarityLoss` of
 * sentence-transformers. The embeddings are [2 · pairs, width]: first one of each pair, then the
 * other of each in the same order. Targets [pairs] are 1 for examples that are to be alike and 0 for
 * others.
 */
export function writeCosineSimilarity(
  g: GraphBuilder,
  embeddings: ValueInfo,
  targets: string,
): WrittenLoss {
  const [, width] = requireMatrix("cosine-similarity", "width", embeddings);
  const halves = g.op("Reshape", [embeddings.name, g.ints([2, -1, width])]);
  const [left, right] = g.ops("Split", [halves, g.ints([1, 1])], 2, { axis: 0 }) as [
    string,
    string,
  ];
  const products = writeDot(g, left, right);
  const lengths = g.op("Mul", [writeLength(g, left), writeLength(g, right)]);
  const cosines = g.op("Div", [products, lengths]);
  const error = g.op("Sub", [g.op("Reshape", [cosines, g.ints([-1])]), targets]);
  return {
    loss: writeMean(g, g.op("Mul", [error, error])),
    weightSum: writeBatchSize(g, targets),
    targets: { name: targets, type: { dtype: "float32", shape: ["pairs"] } },
  };
}

/** Inner products along the last axis, [1, pairs, 1]. */
function writeDot(g: GraphBuilder, a: string, b: string): string {
  return g.op("ReduceSum", [g.op("Mul", [a, b]), g.ints([2])], { keepdims: 1 });
}

/** Bounded before the root, whose slope is infinite at 0. */
function writeLength(g: GraphBuilder, vector: string): string {
  const smallest = g.floats([SMALLEST_LENGTH ** 2], []);
  return g.op("Sqrt", [g.op("Clip", [writeDot(g, vector, vector), smallest])]);
}
