import { toFloat32 } from "../../ir/tensor/convert.js";
import type { DataType, Tensor } from "../../ir/tensor/tensor.js";
import { createTensor, type NumericDataType, storageClasses } from "../../ir/tensor/tensor-data.js";

/** Reading and making tensors for arithmetic: floats as numbers, integers as bigints. */

export function isFloat(dtype: DataType): boolean {
  return dtype === "float32" || dtype === "float64" || dtype === "float16" || dtype === "bfloat16";
}

export function isNumeric(tensor: Tensor): tensor is Tensor<NumericDataType> {
  return tensor.dtype !== "string";
}

/** The elements of a tensor as numbers; 64-bit integers beyond 2 ** 53 lose precision. */
export function floatsOf(tensor: Tensor<NumericDataType>): ArrayLike<number> {
  const widened = toFloat32(tensor);
  if (widened !== undefined) return widened.data;
  const { data } = tensor;
  const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
  return isBig ? Float64Array.from(data, Number) : data;
}

/** The elements of an integer or boolean tensor. */
export function integersOf(tensor: Tensor<NumericDataType>): ArrayLike<bigint> {
  if (tensor.dtype === "int64" || tensor.dtype === "uint64") return tensor.data;
  const values = floatsOf(tensor);
  return BigInt64Array.from({ length: values.length }, (_, i) => BigInt(values[i]!));
}

/** A tensor from integers, which wrap around as the storage does. */
export function tensorOfIntegers(
  dtype: NumericDataType,
  dims: readonly number[],
  values: ArrayLike<bigint>,
): Tensor {
  const data = new storageClasses[dtype](values.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.set(values);
  else for (let i = 0; i < values.length; i++) data[i] = Number(values[i]);
  return createTensor(dtype, dims, data);
}

export function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

export function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
