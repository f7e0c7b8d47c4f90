import type { DataOf, Tensor } from "./tensor.js";
import type { NumericDataType } from "./tensor-data.js";

/** Raw data of tensors whose elements nobody has looked at. */
const unread = new WeakMap<Tensor, Uint8Array>();

/**
 * A tensor whose elements are read out of its raw data when they are first looked at. What only goes from
 * one file to another, as the weights of a base do, is never copied.
 *
 * @param read - Has to give as many elements as `dims` say.
 */
export function unreadTensor<T extends NumericDataType>(
  dtype: T,
  dims: readonly number[],
  rawData: Uint8Array,
  read: () => DataOf[T],
): Tensor {
  const lazy = {
    dtype,
    dims,
    get data(): DataOf[T] {
      const data = read();
      // Whoever has the elements may change them.
      unread.delete(tensor);
      Object.defineProperty(tensor, "data", { value: data, enumerable: true });
      return data;
    },
  };
  // As in `createTensor`.
  const tensor = lazy as unknown as Tensor;
  unread.set(tensor, rawData);
  return tensor;
}

/** The raw data of a tensor whose elements nobody has looked at. */
export function unreadData(tensor: Tensor): Uint8Array | undefined {
  return unread.get(tensor);
}
