import type { DataType, StoredType } from "./tensor.js";

/**
 * The number that ONNX gives each element type (`TensorProto.DataType`). Files use it, and so do
 * attributes such as the `to` of `Cast`.
 */
export const dataTypeCodes: { readonly [T in DataType]: number } = {
  undefined: 0,
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
};

const dataTypes: ReadonlyMap<number, StoredType> = new Map(
  Object.entries(dataTypeCodes).flatMap(([dtype, code]) =>
    dtype === "undefined" ? [] : [[code, dtype as StoredType]],
  ),
);

/** Names in `TensorProto.DataType` that differ from those here in more than case. */
const longNames: ReadonlyMap<string, StoredType> = new Map([
  ["FLOAT", "float32"],
  ["DOUBLE", "float64"],
]);

/** The element type that ONNX calls by this name, such as `FLOAT` or `INT64`; `undefined` as below. */
export function dataTypeOfName(name: string): StoredType | undefined {
  const dtype = longNames.get(name) ?? name.toLowerCase();
  return [...dataTypes.values()].find((known) => known === dtype && name === name.toUpperCase());
}

/** The element type with this number; `undefined` where the IR has none (complex, 8-bit floats, undefined). */
export function dataTypeOfCode(code: number): StoredType | undefined {
  return dataTypes.get(code);
}
