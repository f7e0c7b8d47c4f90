import type { GraphBuilder, ValueInfo } from "@engraft/onnx";
import { requireMatrix, type WrittenLoss, writeBatchSize, writeMean } from "./loss.js";

/** Numbers; large errors count most. */
export interface MeanSquaredErrorConfig {
  readonly name: "mean-squared-error";
}

/** Numbers; errors beyond `delta` count linearly, so that outliers do not rule. */
export interface HuberConfig {
  readonly name: "huber";
  readonly delta: number;
}

/** Mean of `(x - t)²` over outputs [batch, numbers] and targets of the same shape. */
export function writeMeanSquaredError(
  g: GraphBuilder,
  output: ValueInfo,
  targets: string,
): WrittenLoss {
  return writeOfError(g, "mean-squared-error", output, targets, (error) =>
    g.op("Mul", [error, error]),
  );
}

/**
 * Mean of `e²/2` where `|e| <= delta`, otherwise of `delta (|e| - delta/2)`, as PyTorch's
 * `HuberLoss`. With c the error clipped to ±delta both are `c (e - c/2)`.
 */
export function writeHuber(
  g: GraphBuilder,
  { delta }: HuberConfig,
  output: ValueInfo,
  targets: string,
): WrittenLoss {
  return writeOfError(g, "huber", output, targets, (error) => {
    const clipped = g.op("Clip", [error, g.floats([-delta], []), g.floats([delta], [])]);
    const half = g.op("Mul", [clipped, g.floats([0.5], [])]);
    return g.op("Mul", [clipped, g.op("Sub", [error, half])]);
  });
}

function writeOfError(
  g: GraphBuilder,
  loss: string,
  output: ValueInfo,
  targets: string,
  write: (error: string) => string,
): WrittenLoss {
  const shape = requireMatrix(loss, "numbers", output);
  const error = g.op("Sub", [output.name, targets]);
  return {
    loss: writeMean(g, write(error)),
    weightSum: writeBatchSize(g, targets),
    targets: { name: targets, type: { dtype: "float32", shape } },
  };
}
