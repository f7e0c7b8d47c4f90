import { floatAttribute, intAttribute } from "../../ir/attributes.js";
import type { Dim } from "../../ir/graph.js";
import type { Converter, NodeRewriter } from "../rewrite.js";
import { booleanBias } from "./attention-mask.js";
import { type DotProduct, dotProductAttention } from "./dot-product.js";
import type { ExpansionFamily } from "./family.js";
import { lacks, mergeHeads, splitHeads } from "./heads.js";

/** One of query, key and value, as far as its heads are known. */
interface Heads {
  readonly name: string;
  readonly count: number;
  /** Elements a head. */
  readonly size: Dim;
  readonly length: Dim;
  /** Whether the heads are one axis with the elements: [batch, length, heads * size]. */
  readonly isMerged: boolean;
}

/** Attention of the ONNX domain, without cache. Inputs: query, key, value, mask. */
const attention: Converter = (rewriter) => {
  const { node } = rewriter;
  const query = headsOf(rewriter, 0, "q_num_heads");
  const key = headsOf(rewriter, 1, "kv_num_heads");
  const value = headsOf(rewriter, 2, "kv_num_heads");
  if (query === undefined || key === undefined || value === undefined) return;
  if (!isPlain(rewriter) || !maskFits(rewriter, key)) return;
  const isRepeated = query.count !== key.count;
  if (isRepeated && (typeof key.size !== "number" || typeof value.size !== "number")) return;
  const scale = floatAttribute(node, "scale");
  const result = dotProductAttention(rewriter, {
    query: split(rewriter, query, query.count),
    key: split(rewriter, key, query.count),
    value: split(rewriter, value, query.count),
    size: query.size,
    scale,
    softcap: floatAttribute(node, "softcap", 0),
    ...maskParts(rewriter),
    causal: intAttribute(node, "is_causal", 0) === 1,
    output: query.isMerged ? undefined : rewriter.output(0),
  });
  if (query.isMerged) mergeHeads(rewriter, result, rewriter.output(0));
};

function headsOf(rewriter: NodeRewriter, index: number, attribute: string): Heads | undefined {
  const name = rewriter.input(index);
  const shape = rewriter.shape(name);
  if (shape?.length === 4) {
    const [, count, length, size] = shape;
    if (typeof count !== "number") return undefined;
    return { name, count, size: size!, length: length!, isMerged: false };
  }
  const count = intAttribute(rewriter.node, attribute);
  if (shape?.length !== 3 || count === undefined) return undefined;
  const hidden = shape[2]!;
  const size = typeof hidden === "number" ? hidden / count : null;
  return { name, count, size, length: shape[1]!, isMerged: true };
}

/** Whether there is no cache, no limited window and no output but the result. */
function isPlain(rewriter: NodeRewriter): boolean {
  const windows = ["left_window_size", "right_window_size"];
  const isLimited = windows.some((name) => intAttribute(rewriter.node, name, -1) !== -1);
  return !isLimited && lacks(rewriter, [4, 5, 6], [1, 2, 3]);
}

/** A mask shorter than the keys stands for one that ends in "masked". */
function maskFits(rewriter: NodeRewriter, key: Heads): boolean {
  const mask = rewriter.input(3);
  if (mask === "") return true;
  const size = rewriter.shape(mask)?.at(-1);
  return rewriter.type(mask) !== undefined && (size === key.length || size === null);
}

/** The lowest float32, which unlike minus infinity makes no NaN of a row that is masked throughout. */
const LOWEST = -3.4028234663852886e38;

/** A mask is added to the scores, or says which of them count. */
function maskParts(rewriter: NodeRewriter): Pick<DotProduct, "biases" | "kept"> {
  const mask = rewriter.input(3);
  if (mask === "") return { biases: [] };
  if (rewriter.dtype(mask) !== "bool") return { biases: [mask] };
  return { biases: [booleanBias(rewriter, mask, LOWEST)], kept: mask };
}

/** The heads split, and repeated to `wanted` of them (grouped-query attention). */
function split(rewriter: NodeRewriter, heads: Heads, wanted: number): string {
  const { name, count, size, isMerged } = heads;
  const value = isMerged ? splitHeads(rewriter, name, count) : name;
  if (count === wanted) return value;
  const column = rewriter.op("Unsqueeze", [value, rewriter.ints([2])]);
  const repeats = rewriter.ints([1, 1, wanted / count, 1, 1]);
  const repeated = rewriter.op("Expand", [column, repeats]);
  return rewriter.op("Reshape", [repeated, rewriter.ints([0, wanted, -1, Number(size)])]);
}

export const onnxAttentionExpansions: ExpansionFamily = { onnx: { Attention: attention } };
