import type { Dim, TensorType } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { elementCount, numbersOf, tensorOf } from "../ir/tensor/tensor-data.js";
import { isStatic } from "./dims.js";

/** What is known about a value without running the model. */
export interface AbstractValue {
  /** `undefined` when not even the element type is known. */
  readonly type: TensorType | undefined;
  /**
   * Elements of a small integer tensor of which some are names of dimensions (or unknown, `null`),
   * in row-major order: what `Shape` and the arithmetic after it produce.
   */
  readonly elements?: readonly Dim[];
  /** The whole value, where it does not depend on what is fed. */
  readonly constant?: Tensor;
}

/** Type of a tensor whose elements are followed one by one. */
export interface ElementsType {
  readonly dtype: "int64" | "int32" | "bool";
  readonly shape: readonly number[];
}

/** Longest tensor whose elements are followed one by one. */
const MAX_ELEMENTS = 1024;

/** Whether the elements of a value of this type may be followed one by one. */
export function mayFollowElements(type: TensorType | undefined): type is ElementsType {
  if (type?.dtype !== "int64" && type?.dtype !== "int32" && type?.dtype !== "bool") return false;
  return isStatic(type.shape) && elementCount(type.shape) <= MAX_ELEMENTS;
}

export function constantValue(constant: Tensor): AbstractValue {
  return { type: { dtype: constant.dtype, shape: constant.dims }, constant };
}

/** A value with partly known elements, which is a constant when all of them are numbers. */
export function valueOfElements(type: ElementsType, elements: readonly Dim[]): AbstractValue {
  if (isStatic(elements)) return constantValue(tensorOf(type.dtype, type.shape, elements));
  return { type, elements };
}

/**
 * Elements as numbers and names, `null` for each that is unknown; `undefined` for a tensor that is
 * long, or whose number of elements is unknown.
 */
export function elementsOf(value: AbstractValue | undefined): readonly Dim[] | undefined {
  const constant = value?.constant;
  if (constant === undefined) return value?.elements ?? unknownElements(value?.type);
  if (constant.dtype === "string" || constant.data.length > MAX_ELEMENTS) return undefined;
  // Constants that are no sizes may be beyond what a number holds exactly.
  return constant.dtype === "int64" || constant.dtype === "uint64"
    ? Array.from(constant.data, Number)
    : numbersOf(constant);
}

function unknownElements(type: TensorType | undefined): readonly Dim[] | undefined {
  if (!mayFollowElements(type)) return undefined;
  return new Array<Dim>(elementCount(type.shape)).fill(null);
}
