import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./float16.js";
import type { Tensor } from "./tensor.js";
import { createTensor } from "./tensor-data.js";

/** The float types that float32 tensors are stored in. */
export type StorageFloat = "float32" | "float16" | "bfloat16";

/** A float16 or bfloat16 tensor widened; a float32 tensor as it is; `undefined` for the others. */
export function toFloat32(tensor: Tensor): Tensor<"float32"> | undefined {
  if (tensor.dtype === "float32") return tensor;
  if (tensor.dtype === "float16") {
    return createTensor("float32", tensor.dims, float16ToFloat32(tensor.data));
  }
  if (tensor.dtype === "bfloat16") {
    return createTensor("float32", tensor.dims, bfloat16ToFloat32(tensor.data));
  }
  return undefined;
}

/** A float64 tensor rounded to float32; what is beyond its range becomes the largest number of it. */
export function roundToFloat32({ dims, data }: Tensor<"float64">): Tensor<"float32"> {
  return createTensor("float32", dims, Float32Array.from(data, withinFloat32));
}

/** The largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

function withinFloat32(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, -LARGEST), LARGEST) : value;
}

/** A float32 tensor rounded to `dtype`. */
export function fromFloat32(tensor: Tensor<"float32">, dtype: StorageFloat): Tensor<StorageFloat> {
  switch (dtype) {
    case "float32":
      return tensor;
    case "float16":
      return createTensor("float16", tensor.dims, float32ToFloat16(tensor.data));
    case "bfloat16":
      return createTensor("bfloat16", tensor.dims, float32ToBfloat16(tensor.data));
  }
}
