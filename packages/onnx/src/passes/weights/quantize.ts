import type { Tensor } from "../../ir/tensor/tensor.js";
import { createTensor, elementCount } from "../../ir/tensor/tensor-data.js";

/** A tensor in 8 bits: the product of both, broadcast, is close to it. */
export interface QuantizedTensor {
  readonly values: Tensor<"int8">;
  /** One for each slice of the axis, with sizes of 1 for the axes behind it. */
  readonly scales: Tensor<"float32">;
}

/** The largest magnitude of a value in 8 bits. */
export const LARGEST_INT8 = 127;

/**
 * Rounds a tensor to int8 with one scale for each slice of an axis, so that the largest magnitude of
 * a slice becomes `largest` (127 at most). No value changes by more than half the scale of its slice.
 */
export function quantize(
  { dims, data }: Tensor<"float32">,
  axis: number,
  largest: number,
): QuantizedTensor {
  const size = dims[axis] ?? 1;
  const behind = dims.slice(axis + 1);
  const inner = elementCount(behind);
  const scales = new Float32Array(size);
  forEachRun(data.length, size, inner, (slice, start, end) => {
    for (let i = start; i < end; i++) scales[slice] = Math.max(scales[slice]!, Math.abs(data[i]!));
  });
  // A slice of zeros may have any scale but 0.
  for (let slice = 0; slice < size; slice++) scales[slice] = scales[slice]! / largest || 1;
  const values = new Int8Array(data.length);
  forEachRun(data.length, size, inner, (slice, start, end) => {
    const scale = scales[slice]!;
    for (let i = start; i < end; i++) values[i] = Math.round(data[i]! / scale);
  });
  return {
    values: createTensor("int8", dims, values),
    scales: createTensor("float32", [size, ...behind.map(() => 1)], scales),
  };
}

/** Visits the runs of `inner` elements that belong to one slice of an axis with `size` slices. */
function forEachRun(
  length: number,
  size: number,
  inner: number,
  visit: (slice: number, start: number, end: number) => void,
): void {
  for (let start = 0, run = 0; start < length; start += inner, run++) {
    visit(run % size, start, start + inner);
  }
}
