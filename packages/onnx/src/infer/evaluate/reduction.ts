import { intAttribute } from "../../ir/attributes.js";
import { elementCount, tensorOf } from "../../ir/tensor/tensor-data.js";
import { reducedAxes } from "../rules/normalization/reduction.js";
import type { NodeView } from "../view.js";
import { stridedIndices, stridesOf } from "./indices.js";
import type { Kernel } from "./kernel.js";
import { floatsOf, integersOf, isFloat, larger, smaller, tensorOfIntegers } from "./numbers.js";

/** Reductions and running sums. */

interface Reduction {
  readonly float: (a: number, b: number) => number;
  readonly integer: (a: bigint, b: bigint) => bigint;
}

/** For every input element, the output element that it is folded into. */
function foldedInto(view: NodeView, dims: readonly number[]): Int32Array | undefined {
  const axes = reducedAxes(view, dims.length);
  if (axes === undefined) return undefined;
  const kept = dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  return stridedIndices(dims, strides);
}

function fold<T>(
  values: ArrayLike<T>,
  into: Int32Array,
  count: number,
  join: (a: T, b: T) => T,
): T[] {
  const folded = new Array<T | undefined>(count);
  for (let i = 0; i < into.length; i++) {
    const at = into[i]!;
    const current = folded[at];
    folded[at] = current === undefined ? values[i]! : join(current, values[i]!);
  }
  return folded as T[];
}

function reduce({ float, integer }: Reduction): Kernel {
  return (view, [input], { dtype, dims }) => {
    const into = foldedInto(view, input!.dims);
    // Nothing to fold has a neutral element as its result, which is not worth a case here.
    if (into === undefined || into.length === 0) return undefined;
    const count = elementCount(dims);
    return isFloat(dtype)
      ? tensorOf(dtype, dims, fold(floatsOf(input!), into, count, float))
      : tensorOfIntegers(dtype, dims, fold(integersOf(input!), into, count, integer));
  };
}

const mean: Kernel = (view, [input], { dtype, dims }) => {
  const into = foldedInto(view, input!.dims);
  if (into === undefined || into.length === 0 || !isFloat(dtype)) return undefined;
  const count = elementCount(dims);
  const sums = fold(floatsOf(input!), into, count, (a, b) => a + b);
  return tensorOf(
    dtype,
    dims,
    sums.map((sum) => (sum * count) / into.length),
  );
};

/** `exclusive` leaves an element out of its own sum; `reverse` sums from the end. */
const cumulativeSum: Kernel = (view, [input, axisTensor], { dtype, dims }) => {
  const axis = view.axis(Number(axisTensor!.data[0]), dims.length);
  const exclusive = intAttribute(view.node, "exclusive", 0) === 1;
  const step = stridesOf(dims)[axis]!;
  const size = dims[axis]!;
  const run = <T>(values: ArrayLike<T>, zero: T, add: (a: T, b: T) => T): T[] => {
    const sums = Array.from(values);
    for (let i = 0; i < sums.length; i++) {
      const at = Math.floor(i / step) % size;
      if (at > 0) continue;
      let sum = zero;
      for (let position = 0; position < size; position++) {
        const from = reverse ? size - 1 - position : position;
        const next = add(sum, values[i + from * step]!);
        sums[i + from * step] = exclusive ? sum : next;
        sum = next;
      }
    }
    return sums;
  };
  const reverse = intAttribute(view.node, "reverse", 0) === 1;
  return isFloat(dtype)
    ? tensorOf(
        dtype,
        dims,
        run(floatsOf(input!), 0, (a, b) => a + b),
      )
    : tensorOfIntegers(
        dtype,
        dims,
        run(integersOf(input!), 0n, (a, b) => a + b),
      );
};

export const reductionKernels: ReadonlyMap<string, Kernel> = new Map([
  ["ReduceSum", reduce({ float: (a, b) => a + b, integer: (a, b) => a + b })],
  ["ReduceProd", reduce({ float: (a, b) => a * b, integer: (a, b) => a * b })],
  ["ReduceMax", reduce({ float: Math.max, integer: larger })],
  ["ReduceMin", reduce({ float: Math.min, integer: smaller })],
  ["ReduceMean", mean],
  ["CumSum", cumulativeSum],
]);
