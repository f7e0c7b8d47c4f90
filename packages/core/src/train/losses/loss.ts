import { type Dim, type GraphBuilder, printType, type ValueInfo } from "@engraft/onnx";
import { UsageError } from "../../errors.js";

/** A loss as values of the graph that it was written into. */
export interface WrittenLoss {
  /** float32 []: mean over the batch. */
  readonly loss: string;
  /**
   * float32 []: what the mean was divided by, the number of examples or the sum of their class
   * weights. Means of batches, and their gradients, weighted by it add up to exactly those of one
   * large batch.
   */
  readonly weightSum: string;
  /** What the loss compares with: an input that the graph needs. */
  readonly targets: ValueInfo;
}

/** Number of examples of a batch as float32 []: the size of the first axis. */
export function writeBatchSize(g: GraphBuilder, batched: string): string {
  const size = g.op("Shape", [batched], { start: 0, end: 1 });
  return g.op("Squeeze", [g.op("Cast", [size], { to: 1 })]);
}

/** Mean over all elements, float32 []. */
export function writeMean(g: GraphBuilder, values: string): string {
  return g.op("ReduceMean", [values], { keepdims: 0 });
}

/**
 * The two sizes of an output that is [batch, columns] of float32.
 *
 * @throws UsageError for another type: what the loss expected, and how to get there.
 */
export function requireMatrix(loss: string, columns: string, output: ValueInfo): [Dim, number] {
  const { dtype, shape } = output.type;
  const [batch, size] = shape ?? [];
  if (dtype === "float32" && shape?.length === 2 && typeof size === "number") {
    return [batch ?? null, size];
  }
  throw new UsageError(
    `The loss "${loss}" needs float32 [batch, ${columns}], and "${output.name}" is ` +
      `${printType(output.type)}. Cut the model at another value, or append layers that end in such an output.`,
  );
}
