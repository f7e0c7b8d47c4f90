import type { Graph, Node } from "@engraft/onnx";
import type { Weight } from "../weights/weight.js";

/**
 * The `BatchNormalization` nodes that use the statistics of their batch in training and move their
 * running ones, by their first output. The weights of the norm itself decide, wherever their names put
 * them:
 *
 * - Its running mean and variance are weights of the model and not frozen, neither by themselves nor
 *   with a layer that they are in.
 * - One of its scale and shift is trainable, or it has neither.
 *
 * Every other norm uses the stored statistics, which stay the same to the bit.
 */
export function findTrainableNorms(graph: Graph, weights: readonly Weight[]): Set<string> {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  const isTrainable = ({ inputs }: Node): boolean => {
    const [, scale, shift, mean, variance] = inputs.map((name) => byName.get(name));
    if (mean?.frozen !== false || variance?.frozen !== false) return false;
    const affine = [scale, shift].filter((weight) => weight !== undefined);
    return affine.length === 0 || affine.some((weight) => weight.trainable);
  };
  const norms = graph.nodes.filter(
    (node) => node.opType === "BatchNormalization" && isTrainable(node),
  );
  return new Set(norms.map(({ outputs }) => outputs[0]!));
}
