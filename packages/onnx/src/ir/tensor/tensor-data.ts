import { OnnxError } from "../../errors.js";
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./float16.js";
import type { DataOf, DataType, StoredType, Tensor } from "./tensor.js";

/** Every element type that is stored in a typed array. */
export type NumericDataType = Exclude<StoredType, "string">;

/** Whether tensors of this element type hold numbers. */
export function isNumericType(dtype: DataType): dtype is NumericDataType {
  return dtype !== "string" && dtype !== "undefined";
}

/** The constructor of a typed array, in the two forms that are needed here. */
interface StorageClass<Data> {
  new (length: number): Data;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Data;
  readonly BYTES_PER_ELEMENT: number;
}

/** In-memory storage of every numeric element type. */
export const storageClasses: {
  readonly [T in NumericDataType]: StorageClass<DataOf[T]>;
} = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  int4: Int8Array,
  uint4: Uint8Array,
};

/** Number of elements of a tensor with these sizes; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((count, dim) => count * dim, 1);
}

/**
 * A tensor over existing data, which is not copied.
 *
 * @throws OnnxError `onnx/invalid-graph` when the length of `data` is not the product of `dims`.
 */
export function createTensor<T extends StoredType>(
  dtype: T,
  dims: readonly number[],
  data: DataOf[T],
): Tensor<T> {
  if (data.length !== elementCount(dims)) {
    throw new OnnxError(
      "onnx/invalid-graph",
      `A ${dtype} tensor of shape [${dims.join(", ")}] needs ${elementCount(dims)} elements, and the data has ${data.length}.`,
    );
  }
  const tensor = { dtype, dims, data };
  // The compiler cannot see that pairing T with DataOf[T] is what Tensor<T> means for a generic T.
  return tensor as unknown as Tensor<T>;
}

/**
 * A tensor with the given element values, converted to the storage of `dtype` (float16 and bfloat16
 * are rounded). For tensors that are written by hand: `tensorOf("int64", [2], [1, -1])`.
 *
 * @throws OnnxError `onnx/invalid-graph` when the number of values is not the product of `dims`.
 */
export function tensorOf<T extends NumericDataType>(
  dtype: T,
  dims: readonly number[],
  values: Iterable<number>,
): Tensor<T> {
  return createTensor(dtype, dims, numericData(dtype, [...values]));
}

/** A tensor without dimensions. */
export function scalarOf<T extends NumericDataType>(dtype: T, value: number): Tensor<T> {
  return tensorOf(dtype, [], [value]);
}

/** Storage of `dtype` that holds `values`. */
function numericData<T extends NumericDataType>(dtype: T, values: readonly number[]): DataOf[T] {
  const data: DataOf[T] = new storageClasses[dtype](values.length);
  if (data instanceof BigInt64Array) {
    for (let i = 0; i < values.length; i++) data[i] = int64OfNumber(values[i]!);
  } else if (data instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i]!);
  } else if (dtype === "float16") {
    (data as Uint16Array).set(float32ToFloat16(Float32Array.from(values)));
  } else if (dtype === "bfloat16") {
    (data as Uint16Array).set(float32ToBfloat16(Float32Array.from(values)));
  } else {
    (data as Exclude<DataOf[NumericDataType], BigInt64Array | BigUint64Array>).set(values);
  }
  return data;
}

/**
 * The element values as numbers: 16-bit floats widened, 64-bit integers converted. For small
 * tensors such as shapes and axes.
 *
 * @throws OnnxError `onnx/unsupported` for a string tensor, and for an integer that a number cannot
 * hold exactly, other than the two ends of the int64 range, which mean "unbounded" in `Slice`.
 */
export function numbersOf(tensor: Tensor): number[] {
  if (tensor.dtype === "string") {
    throw new OnnxError("onnx/unsupported", "A string tensor has no numeric values.");
  }
  if (tensor.dtype === "int64" || tensor.dtype === "uint64") {
    return Array.from(tensor.data, numberOfInt64);
  }
  if (tensor.dtype === "float16") return Array.from(float16ToFloat32(tensor.data));
  if (tensor.dtype === "bfloat16") return Array.from(bfloat16ToFloat32(tensor.data));
  return Array.from(tensor.data);
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * A 64-bit integer as a number. The ends of the int64 range, which exporters write for "unbounded",
 * become -(2 ** 63) and 2 ** 63; {@link int64OfNumber} takes them back.
 *
 * @throws OnnxError `onnx/unsupported` for any other integer beyond `Number.MAX_SAFE_INTEGER`.
 */
export function numberOfInt64(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) || value === INT64_MAX || value === INT64_MIN) return number;
  throw new OnnxError(
    "onnx/unsupported",
    `The integer ${value} is beyond ±(2 ** 53 - 1), the largest that Engraft reads exactly.`,
  );
}

/**
 * The inverse of {@link numberOfInt64}.
 *
 * @throws OnnxError `onnx/invalid-graph` when `value` is not an integer, or beyond int64.
 */
export function int64OfNumber(value: number): bigint {
  if (value === 2 ** 63) return INT64_MAX;
  if (Number.isSafeInteger(value) || value === -(2 ** 63)) return BigInt(value);
  throw new OnnxError(
    "onnx/invalid-graph",
    `${value} is not an integer that int64 can hold exactly.`,
  );
}
