import type { Dim } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { createTensor, storageClasses } from "../../ir/tensor/tensor-data.js";

/** Where the elements of an output come from. */
export interface Selection {
  /** The inputs that elements are copied from, by index. */
  readonly data: readonly number[];
  /**
   * For every output element, its index into the data inputs laid end to end, {@link ZERO} or
   * {@link UNKNOWN}. `"same"` keeps the order of the only data input.
   */
  readonly source: Int32Array | "same";
}

/** The element is 0. */
export const ZERO: number = -1;
/** Which element it is depends on something that is not known. Never so when inputs are constant. */
export const UNKNOWN: number = -2;

/** The tensor that a selection from constants makes. */
export function selectConstant(
  tensors: readonly Tensor[],
  dims: readonly number[],
  source: Selection["source"],
): Tensor {
  const first = tensors[0]!;
  if (source === "same") return { ...first, dims };
  if (first.dtype === "float32" && tensors.length === 1) {
    return createTensor("float32", dims, selectFloats(first.data, source));
  }
  const lists = tensors.map((tensor) => tensor.data);
  if (first.dtype === "string") {
    const texts = new Array<string>(source.length);
    copySelected(texts, lists, source, "");
    return createTensor("string", dims, texts);
  }
  const data = new storageClasses[first.dtype](source.length);
  const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
  copySelected(data, lists, source, isBig ? 0n : 0);
  return createTensor(first.dtype, dims, data);
}

/** Weights are the long case, and a loop that knows its arrays is many times faster. */
function selectFloats(values: Float32Array, source: Int32Array): Float32Array {
  const selected = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) {
    const from = source[i]!;
    selected[i] = from === ZERO ? 0 : values[from]!;
  }
  return selected;
}

/** The elements that a selection from partly known elements makes. */
export function selectElements(
  lists: readonly (readonly Dim[])[],
  source: Selection["source"],
): readonly Dim[] {
  if (source === "same") return lists[0]!;
  const selected = new Array<Dim>(source.length).fill(null);
  copySelected(selected, lists, source, 0);
  return selected;
}

function copySelected(
  target: { [index: number]: unknown },
  lists: readonly ArrayLike<unknown>[],
  source: Int32Array,
  zero: unknown,
): void {
  for (let i = 0; i < source.length; i++) {
    let from = source[i]!;
    let list = 0;
    while (from >= lists[list]!.length) from -= lists[list++]!.length;
    if (from >= 0) target[i] = lists[list]![from];
    else if (from === ZERO) target[i] = zero;
  }
}
