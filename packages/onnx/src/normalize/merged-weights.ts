import type { Tensor } from "../ir/tensor/tensor.js";

/**
 * Whether two weights may have become one initializer only because an exporter merges equal bytes:
 * tensors of one repeated value, as freshly initialised biases and scales are all zero or all one. Two
 * tensors of trained or random numbers are equal only where they are tied on purpose.
 */
export function mayBeMergedByValue({ data }: Tensor): boolean {
  const [first] = data;
  for (let i = 1; i < data.length; i++) {
    if (data[i] !== first) return false;
  }
  return true;
}
