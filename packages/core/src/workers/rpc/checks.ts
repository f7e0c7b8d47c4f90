import type { Tensor } from "@engraft/onnx";
import type { SessionModel } from "../../runtime/session-model.js";
import { isObject } from "./is-object.js";

/** Whether a value that has arrived is a tensor: an element type, sizes, and as many elements. */
export function isTensor(value: unknown): value is Tensor {
  if (!isObject(value)) return false;
  const { dtype, dims, data } = value;
  if (typeof dtype !== "string" || !Array.isArray(dims) || !dims.every(isCount)) return false;
  if (!Array.isArray(data) && !ArrayBuffer.isView(data)) return false;
  const { length } = data as ArrayLike<unknown>;
  return length === dims.reduce((product: number, size: number) => product * size, 1);
}

/** Whether a value that has arrived holds tensors by name. */
export function isFeeds(value: unknown): value is ReadonlyMap<string, Tensor> {
  return isMapOf(value, isTensor);
}

/** Whether a value is a map from strings to what `isValue` says. */
export function isMapOf<T>(
  value: unknown,
  isValue: (value: unknown) => value is T,
): value is ReadonlyMap<string, T> {
  if (!(value instanceof Map)) return false;
  for (const [name, each] of value) if (typeof name !== "string" || !isValue(each)) return false;
  return true;
}

/** Whether a value is a whole number from 0 on, as ids and sizes are. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** Whether a value that has arrived is a model for a session. */
export function isSessionModel(value: unknown): value is SessionModel {
  return isObject(value) && isBytes(value.bytes) && isMapOf(value.shared, isBytes);
}

export function isFloats(value: unknown): value is Float32Array {
  return value instanceof Float32Array;
}

export function isNothing(value: unknown): value is undefined {
  return value === undefined;
}
