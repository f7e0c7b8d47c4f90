import type { GraphBuilder, ValueInfo } from "@engraft/onnx";
import { requireMatrix, type WrittenLoss, writeBatchSize, writeMean } from "./loss.js";

/** Each label is right or not, whatever the others are. */
export interface BinaryCrossEntropyConfig {
  readonly name: "binary-cross-entropy";
}

/**
 * Binary cross-entropy of logits [batch, labels] with targets of the same shape from 0 to 1, as
 * PyTorch's `BCEWithLogitsLoss`: the mean of `softplus(x) - x t`. ONNX Runtime's Softplus does not
 * overflow, and unlike the form with |x| this one has no kink at 0, where new heads begin.
 */
export function writeBinaryCrossEntropy(
  g: GraphBuilder,
  logits: ValueInfo,
  targets: string,
): WrittenLoss {
  const shape = requireMatrix("binary-cross-entropy", "labels", logits);
  const agreement = g.op("Mul", [logits.name, targets]);
  const losses = g.op("Sub", [g.op("Softplus", [logits.name]), agreement]);
  return {
    loss: writeMean(g, losses),
    weightSum: writeBatchSize(g, targets),
    targets: { name: targets, type: { dtype: "float32", shape } },
  };
}
