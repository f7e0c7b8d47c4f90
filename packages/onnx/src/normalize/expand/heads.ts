import type { NodeRewriter } from "../rewrite.js";

/** [batch, length, heads * size] to [batch, heads, length, size]. */
export function splitHeads(rewriter: NodeRewriter, value: string, heads: number): string {
  const split = rewriter.op("Reshape", [value, rewriter.ints([0, 0, heads, -1])]);
  return rewriter.op("Transpose", [split], { perm: [0, 2, 1, 3] });
}

/** [batch, heads, length, size] to [batch, length, heads * size]. */
export function mergeHeads(rewriter: NodeRewriter, value: string, output?: string): string {
  const moved = rewriter.op("Transpose", [value], { perm: [0, 2, 1, 3] });
  return rewriter.op("Reshape", [moved, rewriter.ints([0, 0, -1])], {}, output);
}

/** Whether all of these inputs and outputs are left out. */
export function lacks(
  rewriter: NodeRewriter,
  inputs: readonly number[],
  outputs: readonly number[],
): boolean {
  return (
    inputs.every((index) => rewriter.input(index) === "") &&
    outputs.every((index) => rewriter.output(index) === "")
  );
}
