import { numbersOf, scalarOf } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";

/** Helpers of the rules that move, pick and place elements. */

/** The numbers of a constant input; `undefined` for one that is left out or not constant. */
export function constantNumbers(c: RuleContext, index: number): number[] | undefined {
  const tensor = c.constantOf(c.input(index));
  return tensor && numbersOf(tensor);
}

/** An axis counted from the front. */
export function positiveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** `[from, from + 1, ..., to - 1]` */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The permutation that takes another one back. */
export function inversePermutation(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

/**
 * The sizes of a forward value, with another size for one axis.
 *
 * @param size - Name of an int64 vector of one element, or the number; -1 to let Reshape infer it.
 */
export function sizesAround(
  c: RuleContext,
  value: string,
  axis: number,
  size: number | string,
): string {
  const shape = c.staticShape(value);
  if (shape !== undefined && typeof size === "number") return c.ints(shape.with(axis, size));
  const before = c.op("Shape", [value], { start: 0, end: axis });
  const after = c.op("Shape", [value], { start: axis + 1 });
  const middle = typeof size === "number" ? c.ints([size]) : size;
  return c.op("Concat", [before, middle, after], { axis: 0 });
}

/**
 * Adds zeros around a gradient along some axes; negative amounts cut off. All axes are written
 * down: ONNX Runtime's transpose optimizer moves a Pad with an `axes` input to the wrong axes.
 */
export function padWithZeros(
  c: RuleContext,
  gradient: string,
  rank: number,
  paddings: ReadonlyMap<number, readonly [begin: number, end: number]>,
): string {
  const amounts = [0, 1].flatMap((side) =>
    range(0, rank).map((axis) => paddings.get(axis)?.[side as 0 | 1] ?? 0),
  );
  if (amounts.every((amount) => amount === 0)) return gradient;
  return c.op("Pad", [gradient, c.ints(amounts)]);
}

/**
 * The transpose of picking slices by position along one axis: every slice goes back to where it
 * came from, and the rest is zero. Positions must be distinct.
 *
 * @param gradient - With the rank of the node's first input, and along the axis as many slices as
 * there are positions.
 * @param size - Size of the axis in the result.
 */
export function placeSlices(
  c: RuleContext,
  gradient: string,
  axis: number,
  positions: readonly number[],
  size: number,
): string {
  const rank = c.rank(c.input(0));
  const count = positions.length;
  const first = positions[0] ?? 0;
  if (positions.every((position, at) => position === first + at)) {
    return padWithZeros(c, gradient, rank, new Map([[axis, [first, size - first - count]]]));
  }
  // What is left free reads one more slice, of zeros.
  const sources = new Array<number>(size).fill(count);
  for (const [at, position] of positions.entries()) sources[position] = at;
  const full = count < size ? padWithZeros(c, gradient, rank, new Map([[axis, [0, 1]]])) : gradient;
  return c.op("Gather", [full, c.ints(sources)], { axis });
}

/** The position of each element of a forward value, counted through, in the shape of the value. */
export function positionGrid(c: RuleContext, value: string): string {
  const [zero, one] = [0, 1].map((number) => c.builder.constant(scalarOf("int64", number)));
  return c.reshapeLike(c.op("Range", [zero!, c.op("Size", [value]), one!]), value);
}

/**
 * The transpose of picking single elements: adds each to the place in a flat tensor that it came
 * from, and gives the result the shape of a forward value.
 *
 * @param positions - Int64 positions in the flattened value, in the shape of the gradient.
 */
export function scatterFlat(
  c: RuleContext,
  gradient: string,
  positions: string,
  value: string,
): string {
  const flat = c.ints([-1]);
  const zeros = c.op("Reshape", [c.zerosLike(value), flat]);
  const parts = [positions, gradient].map((part) => c.op("Reshape", [part, flat]));
  const sum = c.op("ScatterElements", [zeros, ...parts], { axis: 0, reduction: "add" });
  return c.reshapeLike(sum, value);
}

/**
 * Multiplies one axis of a gradient by a matrix: the transpose of a forward operator that is the
 * linear map `y = A x` along that axis.
 *
 * @param matrix - Name of `A`, [size in the output, size in the input].
 */
export function multiplyTransposed(
  c: RuleContext,
  gradient: string,
  axis: number,
  rank: number,
  matrix: string,
): string {
  if (axis === rank - 1) return c.op("MatMul", [gradient, matrix]);
  if (axis === rank - 2) {
    return c.op("MatMul", [c.op("Transpose", [matrix], { perm: [1, 0] }), gradient]);
  }
  const perm = range(0, rank);
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  const product = c.op("MatMul", [c.op("Transpose", [gradient], { perm }), matrix]);
  return c.op("Transpose", [product], { perm });
}

/** A constant matrix from its rows. */
export function matrixOf(c: RuleContext, rows: readonly (readonly number[])[]): string {
  return c.floats(rows.flat(), [rows.length, rows[0]?.length ?? 0]);
}
