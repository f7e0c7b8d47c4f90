import { dataTypeCodes } from "../../ir/tensor/data-type-codes.js";
import { scalarOf } from "../../ir/tensor/tensor-data.js";
import type { NodeRewriter } from "../rewrite.js";

/**
 * What ONNX Runtime's mask input holds: nothing; 0 or 1 for each key [batch, keys], or for each pair
 * [batch, queries, keys]; or how many keys each row has [batch].
 */
export type MaskLayout = "none" | "keys" | "pairs" | "lengths";

/** The layout of a mask; `undefined` for one that is not known or has no expansion. */
export function maskLayout(
  rewriter: NodeRewriter,
  mask: string,
  query: string,
): MaskLayout | undefined {
  if (mask === "") return "none";
  const shape = rewriter.shape(mask);
  if (shape?.length === 2) return "keys";
  if (shape?.length === 3) return "pairs";
  const batch = rewriter.shape(query)?.[0] ?? null;
  return shape?.length === 1 && batch !== null && shape[0] === batch ? "lengths" : undefined;
}

/** `filter` where a mask is 0, and 0 elsewhere, with axes of size 1 put in. */
export function maskBias(
  rewriter: NodeRewriter,
  parts: { readonly mask: string; readonly axes: readonly number[]; readonly filter: number },
): string {
  const kept = rewriter.op("Cast", [parts.mask], { to: dataTypeCodes.bool });
  const aligned = rewriter.op("Unsqueeze", [kept, rewriter.ints(parts.axes)]);
  return booleanBias(rewriter, aligned, parts.filter);
}

/** `filter` for the keys [batch, heads, keys, size] beyond the length of each row. */
export function keyBias(
  rewriter: NodeRewriter,
  parts: { readonly lengths: string; readonly key: string; readonly filter: number },
): string {
  const count = rewriter.op("Shape", [parts.key], { start: 2, end: 3 });
  const [zero, one] = [0, 1].map((value) => rewriter.tensor(scalarOf("int64", value)));
  const positions = rewriter.op("Range", [zero!, rewriter.op("Squeeze", [count]), one!]);
  const lengths = rewriter.op("Cast", [parts.lengths], { to: dataTypeCodes.int64 });
  const column = rewriter.op("Unsqueeze", [lengths, rewriter.ints([1, 2, 3])]);
  return booleanBias(rewriter, rewriter.op("Less", [positions, column]), parts.filter);
}

/** 0 where a condition holds, and `filter` elsewhere. */
export function booleanBias(rewriter: NodeRewriter, kept: string, filter: number): string {
  const [zero, far] = [0, filter].map((value) => rewriter.tensor(scalarOf("float32", value)));
  return rewriter.op("Where", [kept, zero!, far!]);
}
