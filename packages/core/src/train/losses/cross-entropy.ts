import type { GraphBuilder, ValueInfo } from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import { requireMatrix, type WrittenLoss } from "./loss.js";

/** One of several classes is right. */
export interface CrossEntropyConfig {
  readonly name: "cross-entropy";
  /** Share of each target that is spread evenly over all classes (Szegedy 2016). */
  readonly labelSmoothing: number;
  /** How much an example of each class counts. Default: all the same. */
  readonly classWeights?: readonly number[] | undefined;
}

/**
 * Cross-entropy of logits [batch, classes] with int64 targets [batch], as PyTorch's
 * `CrossEntropyLoss`: with t the smoothed one-hot target,
 *
 *     loss = -Σᵢ Σⱼ wⱼ tᵢⱼ log softmax(x)ᵢⱼ / Σᵢ w[yᵢ]
 *
 * @throws UsageError when there is not one class weight per class.
 */
export function writeCrossEntropy(
  g: GraphBuilder,
  { labelSmoothing, classWeights }: CrossEntropyConfig,
  logits: ValueInfo,
  targets: string,
): WrittenLoss {
  const [batch, classes] = requireMatrix("cross-entropy", "classes", logits);
  const weights = classWeights ?? new Array<number>(classes).fill(1);
  if (weights.length !== classes) {
    throw new UsageError(
      `There are ${weights.length} class weights for ${classes} classes; give one for each class.`,
    );
  }
  const weightOf = g.floats(weights, [classes]);
  const rest = labelSmoothing / classes;
  const values = g.floats([rest, 1 - labelSmoothing + rest], [2]);
  const depth = g.constant({ dtype: "int64", dims: [], data: BigInt64Array.of(BigInt(classes)) });
  const smoothed = g.op("OneHot", [targets, depth, values]);
  const weighted = g.op("Mul", [smoothed, weightOf]);

  const logProbabilities = g.op("LogSoftmax", [logits.name], { axis: 1 });
  const products = g.op("Mul", [logProbabilities, weighted]);
  const total = g.op("Neg", [g.op("ReduceSum", [products], { keepdims: 0 })]);
  // Gather refuses a target that is not a class; OneHot would silently make it a row of zeros.
  const counts = g.op("Gather", [weightOf, targets]);
  const weightSum = g.op("ReduceSum", [counts], { keepdims: 0 });
  return {
    loss: g.op("Div", [total, weightSum]),
    weightSum,
    targets: { name: targets, type: { dtype: "int64", shape: [batch] } },
  };
}
