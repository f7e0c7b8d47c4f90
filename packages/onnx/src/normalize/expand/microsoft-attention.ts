import { floatAttribute, intAttribute, intsAttribute } from "../../ir/attributes.js";
import type { Dim } from "../../ir/graph.js";
import type { Converter, NodeRewriter } from "../rewrite.js";
import { keyBias, type MaskLayout, maskBias, maskLayout } from "./attention-mask.js";
import { dotProductAttention } from "./dot-product.js";
import type { ExpansionFamily } from "./family.js";
import { lacks, mergeHeads, splitHeads } from "./heads.js";

/**
 * Self-attention with query, key and value projected by one matrix. Inputs: data [batch, length,
 * hidden], weights, bias, mask, past, bias of the scores.
 */
const packedAttention: Converter = (rewriter) => {
  const { node } = rewriter;
  const [input = "", weights = "", bias = "", mask = ""] = node.inputs;
  const layout = maskLayout(rewriter, mask, input);
  const rotates = intAttribute(node, "do_rotary", 0) === 1;
  const sizes = projectionSizes(rewriter, weights);
  if (layout === undefined || sizes === undefined || rotates) return;
  if (!lacks(rewriter, [4, 6], [1])) return;
  const product = rewriter.op("MatMul", [input, weights]);
  const projected = bias === "" ? product : rewriter.op("Add", [product, bias]);
  const heads = intAttribute(node, "num_heads", 1);
  const parts = rewriter.split(projected, sizes, -1);
  const [query, key, value] = parts.map((part) => splitHeads(rewriter, part, heads));
  attend(rewriter, [query!, key!, value!], { hidden: sizes[0]!, mask, layout });
};

/** Columns of the projection that make query, key and value. */
function projectionSizes(rewriter: NodeRewriter, weights: string): readonly number[] | undefined {
  const width = rewriter.shape(weights)?.[1];
  const equal = typeof width === "number" ? new Array<number>(3).fill(width / 3) : undefined;
  return intsAttribute(rewriter.node, "qkv_hidden_sizes", equal);
}

/**
 * Attention over projected query, key and value [batch, length, hidden]; key and value may have their
 * heads split. Inputs: query, key, value, bias of the projections, mask, bias of the scores, past.
 */
const multiHeadAttention: Converter = (rewriter) => {
  const { node } = rewriter;
  const parts = [0, 1, 2].map((index) => rewriter.input(index));
  const [bias, mask] = [rewriter.input(3), rewriter.input(4)];
  const shapes = parts.map((part) => rewriter.shape(part));
  const ranks = shapes.map((shape) => shape?.length ?? 0);
  const layout = maskLayout(rewriter, mask, parts[0]!);
  const isKnown = ranks[0] === 3 && ranks[1] === ranks[2] && (ranks[1] === 3 || ranks[1] === 4);
  if (!isKnown || layout === undefined || !lacks(rewriter, [6, 7, 8, 9], [1, 2, 3])) return;
  const sizes = shapes.map((shape) => shape!.at(-1)!).filter((size) => typeof size === "number");
  if (bias !== "" && (ranks[1] === 4 || sizes.length < 3)) return;
  const biases = bias === "" ? [] : rewriter.split(bias, sizes, 0);
  const heads = intAttribute(node, "num_heads", 1);
  const [query, key, value] = parts.map((part, index) => {
    if (ranks[index] === 4) return part;
    const shift = biases[index];
    const projected = shift === undefined ? part : rewriter.op("Add", [part, shift]);
    return splitHeads(rewriter, projected, heads);
  });
  attend(rewriter, [query!, key!, value!], { hidden: shapes[0]![2]!, mask, layout });
};

/** What both operators do with query, key and value [batch, heads, length, size]. */
function attend(
  rewriter: NodeRewriter,
  [query, key, value]: readonly [string, string, string],
  parts: { readonly hidden: Dim; readonly mask: string; readonly layout: MaskLayout },
): void {
  const { node } = rewriter;
  const size =
    typeof parts.hidden === "number" ? parts.hidden / intAttribute(node, "num_heads", 1) : null;
  const scale = floatAttribute(node, "scale", 0);
  const result = dotProductAttention(rewriter, {
    query,
    key,
    value,
    size,
    scale: scale === 0 ? undefined : scale,
    softcap: 0,
    biases: [...masks(rewriter, parts, key), rewriter.input(5)].filter((name) => name !== ""),
    causal: intAttribute(node, "unidirectional", 0) === 1,
  });
  mergeHeads(rewriter, result, rewriter.output(0));
}

function masks(
  rewriter: NodeRewriter,
  { mask, layout }: { readonly mask: string; readonly layout: MaskLayout },
  key: string,
): string[] {
  if (layout === "none") return [];
  const filter = floatAttribute(rewriter.node, "mask_filter_value", -10000);
  if (layout === "lengths") return [keyBias(rewriter, { lengths: mask, key, filter })];
  return [maskBias(rewriter, { mask, axes: layout === "keys" ? [1, 2] : [1], filter })];
}

export const microsoftAttentionExpansions: ExpansionFamily = {
  microsoft: { Attention: packedAttention, MultiHeadAttention: multiHeadAttention },
};
