import type { Dim } from "../../ir/graph.js";
import { scalarOf, tensorOf } from "../../ir/tensor/tensor-data.js";
import type { NodeRewriter } from "../rewrite.js";

/** Scaled dot-product attention over tensors [batch, heads, length, size]. */
export interface DotProduct {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** Elements a head of query and key. */
  readonly size: Dim;
  /** Factor of the scores; 1 / sqrt(size) where it is not given. */
  readonly scale: number | undefined;
  /** Values that are added to the scores [batch, heads, queries, keys]. */
  readonly biases: readonly string[];
  /** Condition on the scores: a query that sees no key at all gets zeros. */
  readonly kept?: string | undefined;
  /** Whether a query sees only the keys up to its own position. */
  readonly causal: boolean;
  /** Bound of the scores, `c Tanh(score / c)`; 0 for none. */
  readonly softcap: number;
  readonly output?: string | undefined;
}

/** `Softmax(softcap(scale Q K') + biases) V`; returns the result [batch, heads, queries, size of value]. */
export function dotProductAttention(rewriter: NodeRewriter, parts: DotProduct): string {
  const { query, key, value, biases, kept, causal, softcap } = parts;
  const scale = scoreFactor(rewriter, parts);
  const turned = rewriter.op("Transpose", [key], { perm: [0, 1, 3, 2] });
  let scores = rewriter.op("MatMul", [rewriter.op("Mul", [query, scale]), turned]);
  if (softcap !== 0) {
    const bound = rewriter.tensor(scalarOf("float32", softcap));
    const bounded = rewriter.op("Tanh", [rewriter.op("Div", [scores, bound])]);
    scores = rewriter.op("Mul", [bounded, bound]);
  }
  for (const bias of biases) scores = rewriter.op("Add", [scores, bias]);
  if (causal) scores = rewriter.op("Add", [scores, causalBias(rewriter, scores)]);
  const weights = rewriter.op("Softmax", [scores], { axis: -1 });
  const seen = kept === undefined ? weights : clear(rewriter, weights, kept);
  return rewriter.op("MatMul", [seen, value], {}, parts.output);
}

/** Zero weights where a condition does not hold, for rows in which it holds nowhere. */
function clear(rewriter: NodeRewriter, weights: string, kept: string): string {
  return rewriter.op("Where", [kept, weights, rewriter.tensor(scalarOf("float32", 0))]);
}

function scoreFactor(rewriter: NodeRewriter, { query, size, scale }: DotProduct): string {
  const known = scale ?? (typeof size === "number" ? 1 / Math.sqrt(size) : undefined);
  if (known !== undefined) return rewriter.tensor(scalarOf("float32", known));
  const length = rewriter.op("Shape", [query], { start: 3, end: 4 });
  const root = rewriter.op("Sqrt", [rewriter.op("CastLike", [length, query])]);
  return rewriter.op("Reciprocal", [root]);
}

/** Zero on and below the diagonal, minus infinity above it. */
function causalBias(rewriter: NodeRewriter, scores: string): string {
  const shape = rewriter.op("Shape", [scores], { start: 2, end: 4 });
  const value = tensorOf("float32", [1], [Number.NEGATIVE_INFINITY]);
  const filled = rewriter.op("ConstantOfShape", [shape], { value });
  const diagonal = rewriter.tensor(scalarOf("int64", 1));
  return rewriter.op("Trilu", [filled, diagonal], { upper: 1 });
}
