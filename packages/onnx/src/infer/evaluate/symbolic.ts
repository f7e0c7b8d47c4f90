import type { Dim } from "../../ir/graph.js";
import { divideProducts, isStatic, productOf, sumOf } from "../dims.js";
import { shapeRange } from "../rules/shapes/shape.js";
import type { ElementsType } from "../value.js";
import type { NodeView } from "../view.js";
import { broadcastIndices } from "./indices.js";

/**
 * Integer arithmetic on sizes of which some are only names: what `Shape` starts, and `Reshape`,
 * `Expand`, `Slice` and `Range` end. A name stands for a size that is not negative.
 */

type SymbolicKernel = (view: NodeView, output: ElementsType) => readonly Dim[] | undefined;

const shape: SymbolicKernel = (view) => {
  const dims = view.shape(0);
  return dims?.slice(...shapeRange(view, dims.length));
};

const size: SymbolicKernel = (view) => {
  const dims = view.shape(0);
  return dims && [productOf(dims)];
};

function binary(combine: (a: Dim, b: Dim) => Dim): SymbolicKernel {
  return (view, { shape: to }) => {
    const [left, right] = [0, 1].map((index) => broadcastElements(view, index, to));
    return left && right && left.map((element, i) => combine(element, right[i]!));
  };
}

function broadcastElements(
  view: NodeView,
  index: number,
  to: readonly number[],
): Dim[] | undefined {
  const elements = view.elements(index);
  const from = view.shape(index);
  if (elements === undefined || !isStatic(from)) return undefined;
  return Array.from(broadcastIndices(from, to), (at) => elements[at]!);
}

function difference(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (b === 0) return a;
  return a !== null && a === b ? 0 : null;
}

function quotient(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return b === 0 ? null : Math.trunc(a / b);
  return divideProducts([a], [b]) ?? null;
}

function isEqual(a: Dim, b: Dim): Dim {
  if (a === null || b === null) return null;
  if (a === b) return 1;
  const number = typeof a === "number" ? a : b;
  if (typeof a === "number" && typeof b === "number") return 0;
  return typeof number === "number" && number < 0 ? 0 : null;
}

/** Every element is the size or name that it was; only the integer type changes. */
const cast: SymbolicKernel = (view, { dtype }) => {
  const from = view.dtype(0);
  const keeps = (from === "int64" || from === "int32") && dtype !== "bool";
  return keeps ? view.elements(0) : undefined;
};

/** Only of a whole vector, as in "number of elements". */
const product: SymbolicKernel = (view, { shape: to }) => {
  const elements = view.elements(0);
  return elements && to.every((dim) => dim === 1) ? [productOf(elements)] : undefined;
};

export const symbolicKernels: ReadonlyMap<string, SymbolicKernel> = new Map([
  ["Shape", shape],
  ["Size", size],
  ["Add", binary((a, b) => sumOf([a, b]))],
  ["Sub", binary(difference)],
  ["Mul", binary((a, b) => productOf([a, b]))],
  ["Div", binary(quotient)],
  ["Equal", binary(isEqual)],
  ["Cast", cast],
  ["CastLike", cast],
  ["ReduceProd", product],
]);
