/**
 * Element types by their ONNX names in lower case. `undefined` is that of an input or output of a
 * subgraph whose type the file does not state; no tensor has it.
 */
export type DataType = StoredType | "undefined";

/** Element types that tensors can have. */
export type StoredType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool"
  | "string"
  | "int4"
  | "uint4";

/**
 * In-memory storage of each element type. `float16` and `bfloat16` keep their 16 bits in a
 * `Uint16Array`; `int4`/`uint4` hold one element per byte, already unpacked; `bool` is 0 or 1.
 */
export interface DataOf {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
  string: string[];
  int4: Int8Array;
  uint4: Uint8Array;
}

/** A dense tensor in row-major order. `dims` is empty for a scalar. */
export type Tensor<T extends StoredType = StoredType> = {
  [K in T]: { readonly dtype: K; readonly dims: readonly number[]; readonly data: DataOf[K] };
}[T];
