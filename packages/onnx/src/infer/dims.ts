import type { Dim, Shape } from "../ir/graph.js";

/** Arithmetic over dimensions of which some are only names, or unknown. */

/**
 * The one size that two dimensions known to be equal have: a number says more than a name, a name
 * more than nothing. `undefined` when they are different numbers, which is a contradiction.
 */
export function unifyDim(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === "number" && typeof b === "number") return a === b ? a : undefined;
  if (typeof a === "number") return a;
  if (typeof b === "number") return b;
  return a ?? b;
}

/** `unifyDim` of every pair; `undefined` for another rank or a contradiction. */
export function unifyShape(a: Shape, b: Shape): Shape | undefined {
  if (a.length !== b.length) return undefined;
  const dims: Dim[] = [];
  for (const [axis, dim] of a.entries()) {
    const unified = unifyDim(dim, b[axis]!);
    if (unified === undefined) return undefined;
    dims.push(unified);
  }
  return dims;
}

/** The size two dimensions broadcast to, or `undefined` when they cannot. */
export function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === "number" || typeof b === "number") return unifyDim(a, b);
  return a === b ? a : null;
}

/**
 * Multidirectional (numpy) broadcasting: shapes are aligned at their last axis, and sizes must be
 * equal or 1. `undefined` when the shapes do not fit.
 */
export function broadcastShapes(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: Dim[] = new Array<Dim>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (const [axis, dim] of shape.entries()) {
      const joined = broadcastDim(result[offset + axis]!, dim);
      if (joined === undefined) return undefined;
      result[offset + axis] = joined;
    }
  }
  return result;
}

/** The sum, where it is a number or a single name. */
export function sumOf(dims: readonly Dim[]): Dim {
  const rest: Shape = dims.filter((dim) => dim !== 0);
  if (rest.length === 1) return rest[0]!;
  return isStatic(rest) ? rest.reduce((sum, dim) => sum + dim, 0) : null;
}

/**
 * The product. Where names are among the factors it is written `2*batch` or `batch*length`: the
 * number first and the names in alphabetic order, so that equal products are equal strings.
 */
export function productOf(dims: readonly Dim[]): Dim {
  return divideProducts(dims, []) ?? null;
}

/**
 * `product(numerator) / product(denominator)` with equal names cancelled. `null` when the result
 * is not known to be whole, `undefined` when the division leaves a remainder.
 */
export function divideProducts(
  numerator: readonly Dim[],
  denominator: readonly Dim[],
): Dim | undefined {
  const top = factorsOf(numerator);
  const bottom = factorsOf(denominator);
  if (bottom.size === 0) return null;
  if (top.size === 0) return 0;
  for (const name of bottom.names.splice(0)) {
    const at = top.names.indexOf(name);
    if (at < 0) bottom.names.push(name);
    else top.names.splice(at, 1);
  }
  if (top.unknown || bottom.unknown || bottom.names.length > 0) return null;
  const factor = top.size / bottom.size;
  if (!Number.isInteger(factor)) return top.names.length === 0 ? undefined : null;
  if (top.names.length === 0) return factor;
  return [...(factor === 1 ? [] : [factor]), ...top.names.sort()].join("*");
}

const PRODUCT = /^\w+(\*\w+)+$/;

/** The factors of a dimension such as `2*batch`; any other one is its own only factor. */
export function factorsOfDim(dim: Dim): readonly Dim[] {
  if (typeof dim !== "string" || !PRODUCT.test(dim)) return [dim];
  return dim.split("*").map((factor) => (/^\d+$/.test(factor) ? Number(factor) : factor));
}

function factorsOf(dims: readonly Dim[]): { size: number; names: string[]; unknown: boolean } {
  const factors = { size: 1, names: [] as string[], unknown: false };
  for (const factor of dims.flatMap(factorsOfDim)) {
    if (typeof factor === "number") factors.size *= factor;
    else if (factor === null) factors.unknown = true;
    else factors.names.push(factor);
  }
  // A zero makes the whole product zero, whatever the names stand for.
  return factors.size === 0 ? { size: 0, names: [], unknown: false } : factors;
}

/** Whether every dimension is a number. */
export function isStatic(shape: Shape | undefined): shape is readonly number[] {
  return shape?.every((dim) => typeof dim === "number") ?? false;
}

/** `[batch, 3, ?]`, as messages show it. */
export function formatShape(shape: Shape | undefined): string {
  return shape === undefined ? "unknown shape" : `[${shape.map((dim) => dim ?? "?").join(", ")}]`;
}
