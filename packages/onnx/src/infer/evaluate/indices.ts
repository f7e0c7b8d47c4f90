import { elementCount } from "../../ir/tensor/tensor-data.js";

/** Flat indices into row-major tensors. */

/** Strides of a row-major tensor, in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  }
  return strides;
}

/** `offset + sum(index * stride)` for every index of a tensor of shape `dims`, in row-major order. */
export function stridedIndices(
  dims: readonly number[],
  strides: readonly number[],
  offset: number = 0,
): Int32Array {
  const indices = new Int32Array(elementCount(dims));
  const last = dims.length - 1;
  const rowLength = dims[last] ?? 1;
  const rowStride = strides[last] ?? 1;
  const position = new Array<number>(dims.length).fill(0);
  let rowStart = offset;
  for (let i = 0; i < indices.length; i += rowLength) {
    for (let at = 0; at < rowLength; at++) indices[i + at] = rowStart + at * rowStride;
    for (let axis = last - 1; axis >= 0; axis--) {
      rowStart += strides[axis]!;
      position[axis]! += 1;
      if (position[axis]! < dims[axis]!) break;
      rowStart -= dims[axis]! * strides[axis]!;
      position[axis] = 0;
    }
  }
  return indices;
}

/** Strides that read a tensor of shape `from` as if it were broadcast to `to`. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(from);
  const offset = to.length - from.length;
  return to.map((_, axis) => {
    const at = axis - offset;
    return at < 0 || from[at] === 1 ? 0 : own[at]!;
  });
}

/** For every element of a tensor of shape `to`, its element in a tensor that broadcasts to it. */
export function broadcastIndices(from: readonly number[], to: readonly number[]): Int32Array {
  return stridedIndices(to, broadcastStrides(from, to));
}
