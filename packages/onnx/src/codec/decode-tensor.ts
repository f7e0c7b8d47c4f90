import { type TensorProto, TensorProto_DataLocation } from "onnx-buf";
import { dataTypeOfCode } from "../ir/tensor/data-type-codes.js";
import type { DataOf, DataType, Tensor } from "../ir/tensor/tensor.js";
import {
  createTensor,
  elementCount,
  type NumericDataType,
  storageClasses,
} from "../ir/tensor/tensor-data.js";
import { unreadTensor } from "../ir/tensor/unread-tensor.js";
import { type DecodeContext, decodeText, malformed } from "./context.js";
import { describeDataType } from "./data-types.js";
import { unpackInt4, unpackUint4 } from "./int4.js";

/**
 * Reads a tensor from whichever field its data is in. Raw data that is aligned for its element type
 * is not copied: the tensor is then a view into the file's bytes. Other raw data is copied when its
 * elements are first looked at.
 */
export function decodeTensor(
  proto: TensorProto,
  where: string,
  context: DecodeContext,
): Tensor | undefined {
  const dtype = dataTypeOfCode(proto.dataType);
  if (dtype === undefined) {
    return context.unsupported(`${where} has element type ${describeDataType(proto.dataType)}`);
  }
  if (proto.segment !== undefined) return context.unsupported(`${where} is stored in segments`);
  const dims = proto.dims.map((dim) => decodeSize(dim, where));
  const count = elementCount(dims);
  if (!Number.isSafeInteger(count)) {
    throw malformed(`${where} has impossible dimensions [${dims.join(", ")}].`);
  }
  if (dtype === "string") {
    expectCount(proto.stringData.length, count, where);
    const data = proto.stringData.map((bytes) => decodeText(bytes, where, context));
    return createTensor(dtype, dims, data);
  }
  const raw = rawBytes(proto, byteCount(dtype, count), where, context);
  if (raw === undefined) return createTensor(dtype, dims, typedData(proto, dtype, count, where));
  requireLength(raw, dtype, count, where);
  return isAligned(raw, dtype)
    ? createTensor(dtype, dims, rawData(raw, dtype, count))
    : unreadTensor(dtype, dims, raw, () => rawData(raw, dtype, count));
}

function decodeSize(dim: bigint, where: string): number {
  const size = Number(dim);
  if (size >= 0 && Number.isSafeInteger(size)) return size;
  throw malformed(`${where} has a dimension of ${dim}, expected 0 or a positive size.`);
}

function expectCount(actual: number, expected: number, where: string): void {
  if (actual === expected) return;
  throw malformed(`${where} holds ${actual} values; its dimensions need ${expected}.`);
}

function isInt4(dtype: DataType): dtype is "int4" | "uint4" {
  return dtype === "int4" || dtype === "uint4";
}

/** Size in the file of `count` elements. */
function byteCount(dtype: NumericDataType, count: number): number {
  return isInt4(dtype) ? Math.ceil(count / 2) : count * storageClasses[dtype].BYTES_PER_ELEMENT;
}

/** Raw bytes inside the file or in an external one; `undefined` when a typed field is used. */
function rawBytes(
  proto: TensorProto,
  size: number,
  where: string,
  context: DecodeContext,
): Uint8Array | undefined {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    return externalBytes(proto, size, where, context);
  }
  return proto.rawData.length > 0 ? proto.rawData : undefined;
}

function externalBytes(
  proto: TensorProto,
  size: number,
  where: string,
  context: DecodeContext,
): Uint8Array {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location") ?? "";
  if (location === "" || /^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)/.test(location)) {
    throw malformed(
      `${where} names the external file "${location}", expected a path inside the model's folder.`,
    );
  }
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? size);
  const file = context.externalData(location);
  if (!Number.isSafeInteger(offset) || offset < 0 || length !== size) {
    throw malformed(
      `${where} takes bytes from "${location}" at offset ${entries.get("offset")}, length ${entries.get("length")}; its dimensions need ${size} bytes.`,
    );
  }
  if (offset + size > file.length) {
    throw malformed(
      `${where} ends at byte ${offset + size} of "${location}", which has ${file.length}. Is the file complete?`,
    );
  }
  return file.subarray(offset, offset + size);
}

function requireLength(
  raw: Uint8Array,
  dtype: NumericDataType,
  count: number,
  where: string,
): void {
  if (raw.length === byteCount(dtype, count)) return;
  throw malformed(
    `${where} holds ${raw.length} bytes; ${count} elements of ${dtype} need ${byteCount(dtype, count)}.`,
  );
}

/** Whether elements can be read where they lie; those that are unpacked always can. */
function isAligned(raw: Uint8Array, dtype: NumericDataType): boolean {
  return isInt4(dtype) || raw.byteOffset % storageClasses[dtype].BYTES_PER_ELEMENT === 0;
}

/** Raw bytes as elements: a view where aligned, else a copy. */
function rawData(raw: Uint8Array, dtype: NumericDataType, count: number): DataOf[NumericDataType] {
  if (dtype === "int4") return unpackInt4(raw, count);
  if (dtype === "uint4") return unpackUint4(raw, count);
  if (dtype === "bool") return toBool(raw);
  const Storage = storageClasses[dtype];
  return isAligned(raw, dtype)
    ? new Storage(raw.buffer, raw.byteOffset, count)
    : new Storage(new Uint8Array(raw).buffer, 0, count);
}

function toBool(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
}

/** Elements from the typed field that ONNX assigns to `dtype`. */
function typedData(
  proto: TensorProto,
  dtype: NumericDataType,
  count: number,
  where: string,
): DataOf[NumericDataType] {
  if (isInt4(dtype)) {
    expectCount(proto.int32Data.length, Math.ceil(count / 2), where);
    return dtype === "int4"
      ? unpackInt4(proto.int32Data, count)
      : unpackUint4(proto.int32Data, count);
  }
  const values = typedField(proto, dtype);
  expectCount(values.length, count, where);
  return typeof values[0] === "bigint"
    ? fromBigInts(values as bigint[], dtype)
    : fromNumbers(values as number[], dtype);
}

function typedField(
  proto: TensorProto,
  dtype: Exclude<NumericDataType, "int4" | "uint4">,
): number[] | bigint[] {
  switch (dtype) {
    case "float32":
      return proto.floatData;
    case "float64":
      return proto.doubleData;
    case "int64":
      return proto.int64Data;
    case "uint32":
    case "uint64":
      return proto.uint64Data;
    case "float16":
    case "bfloat16":
    case "int8":
    case "uint8":
    case "int16":
    case "uint16":
    case "int32":
    case "bool":
      return proto.int32Data;
  }
}

function fromBigInts(values: readonly bigint[], dtype: NumericDataType): DataOf[NumericDataType] {
  if (dtype === "int64") return BigInt64Array.from(values);
  if (dtype === "uint64") return BigUint64Array.from(values);
  return Uint32Array.from(values, Number);
}

function fromNumbers(values: readonly number[], dtype: NumericDataType): DataOf[NumericDataType] {
  if (dtype === "bool") return toBool(values);
  const data = new storageClasses[dtype](values.length);
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) data.set(values);
  return data;
}
