import { intAttribute, intsAttribute } from "../../ir/attributes.js";
import type { Dim, Shape } from "../../ir/graph.js";
import { divideProducts, productOf } from "../dims.js";
import type { Rule, RuleTable } from "../rule.js";
import { forEach, sameAsInput, typed } from "../rule.js";
import { quantizationRules } from "./elementwise/quantization.js";
import { gemm, matmul, matrixProduct } from "./matrices/matmul.js";
import { convolution } from "./windows/convolution.js";

/** Fused operators that ONNX Runtime's optimiser leaves in files (domain `com.microsoft`). */

const fusedMatmul: Rule = (view) => {
  const dtype = view.sameDtype([0, 1]);
  const movesBatch = ["transBatchA", "transBatchB"].some(
    (name) => intAttribute(view.node, name, 0) === 1,
  );
  if (movesBatch) return [typed(dtype, undefined)];
  const operand = (index: number, attribute: string): Shape | undefined => {
    const shape = view.shape(index);
    const swaps =
      intAttribute(view.node, attribute, 0) === 1 && shape !== undefined && shape.length > 1;
    return swaps ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
  };
  return [typed(dtype, matrixProduct(view, operand(0, "transA"), operand(1, "transB")))];
};

/** Output, mean, inverse deviation, and the sum of input, skip and bias. */
const skipNormalization: Rule = (view) => {
  const statistics = typed("float32", view.shape(0)?.with(-1, 1));
  return [view.type(0), statistics, statistics, view.type(0)];
};

/** Word embeddings are [vocabulary, hidden]. */
const embedNormalization: Rule = (view) => {
  const ids = view.requireRank(0, 2);
  const embedded = typed(view.dtype(2), ids && [...ids, view.shape(2)?.[1] ?? null]);
  return [embedded, typed("int32", [ids?.[0] ?? null]), embedded];
};

/** The projection to query, key and value is one matrix [hidden, 3 * hidden]. */
const packedAttention: Rule = (view) => {
  const input = view.requireRank(0, 3);
  const sizes = intsAttribute(view.node, "qkv_hidden_sizes");
  const size = sizes?.[2] ?? divideProducts([view.shape(1)?.[1] ?? null], [3]) ?? null;
  return [typed(view.dtype(0), input?.with(2, size))];
};

const multiHeadAttention: Rule = (view) => {
  const query = view.shape(0);
  const value = view.shape(2);
  if (query?.length !== 3) return [typed(view.dtype(0), undefined)];
  // The value is [batch, length, hidden] or, projected elsewhere, [batch, heads, length, size].
  const size: Dim = value?.length === 4 ? productOf([value[1]!, value[3]!]) : (value?.[2] ?? null);
  return [typed(view.dtype(0), query.with(2, size))];
};

/** Without a key input the query holds key and value too, and its last axis says nothing. */
const groupQueryAttention: Rule = (view) => {
  const query = view.requireRank(0, 3);
  return [typed(view.dtype(0), view.has(1) ? query : query?.with(2, null))];
};

/** Weights are packed; their shape is told by attributes `K` and `N`. */
const packedMatmul: Rule = (view) => {
  const input = view.shape(0);
  const inner = intAttribute(view.node, "K") ?? null;
  const columns = intAttribute(view.node, "N") ?? null;
  return [typed(view.dtype(0), matrixProduct(view, input, [inner, columns]))];
};

const gatherQuantized: Rule = (view) => {
  const data = view.shape(0);
  const indices = view.shape(1);
  if (data === undefined || indices === undefined) return [typed(view.dtype(2), undefined)];
  const packed = view.dtype(0) === "uint8" ? 8 / intAttribute(view.node, "bits", 4) : 1;
  const unpacked = data.with(-1, productOf([data.at(-1)!, packed]));
  const axis = view.axis(intAttribute(view.node, "gather_axis", 0), data.length);
  return [
    typed(view.dtype(2), [...unpacked.slice(0, axis), ...indices, ...unpacked.slice(axis + 1)]),
  ];
};

export const contribRules: RuleTable = {
  ...forEach(["Gelu", "FastGelu", "QuickGelu", "BiasGelu", "RotaryEmbedding"], sameAsInput),
  ...forEach(["SkipLayerNormalization", "SkipSimplifiedLayerNormalization"], skipNormalization),
  EmbedLayerNormalization: { 1: embedNormalization },
  Attention: { 1: packedAttention },
  MultiHeadAttention: { 1: multiHeadAttention },
  GroupQueryAttention: { 1: groupQueryAttention },
  FusedMatMul: { 1: fusedMatmul },
  FusedGemm: { 1: gemm },
  FusedConv: { 1: convolution({ weight: 1, bias: 2, dtype: (view) => view.sameDtype([0, 1, 2]) }) },
  ...forEach(["MatMulNBits", "MatMulBnb4"], packedMatmul),
  GatherBlockQuantized: { 1: gatherQuantized },
  DynamicQuantizeMatMul: { 1: matmul((view) => view.dtype(0)) },
  MatMulIntegerToFloat: { 1: matmul((view) => view.dtype(2)) },
  QuantizeLinear: quantizationRules.QuantizeLinear!,
  DequantizeLinear: quantizationRules.DequantizeLinear!,
};
