import { intAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape } from "../../../ir/graph.js";
import type { DataType } from "../../../ir/tensor/tensor.js";
import { broadcastShapes, formatShape, unifyDim } from "../../dims.js";
import type { Rule, RuleTable } from "../../rule.js";
import { sameAsInput } from "../../rule.js";
import type { NodeView } from "../../view.js";
import { requireBroadcast } from "../normalization/normalization.js";
import { attention } from "./attention.js";
import { einsum } from "./einsum.js";

/** Matrix products. */

/** Shape of the numpy-style product of two inputs: batch axes broadcast, vectors lose their axis. */
export function matrixProduct(
  view: NodeView,
  left: Shape | undefined,
  right: Shape | undefined,
): Shape | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (left.length === 0 || right.length === 0)
    view.reject("operands of rank 1 or more", "a scalar");
  const a = left.length === 1 ? [1, left[0]!] : left;
  const b = right.length === 1 ? [right[0]!, 1] : right;
  if (unifyDim(a.at(-1)!, b.at(-2)!) === undefined) {
    view.reject(
      `inner sizes that agree (${a.at(-1)} of the left operand)`,
      `${b.at(-2)} of the right operand`,
    );
  }
  const batch = broadcastShapes([a.slice(0, -2), b.slice(0, -2)]);
  if (batch === undefined) {
    view.reject("batch axes that broadcast", `${formatShape(left)} and ${formatShape(right)}`);
  }
  const rows: Dim[] = left.length === 1 ? [] : [a.at(-2)!];
  const columns: Dim[] = right.length === 1 ? [] : [b.at(-1)!];
  return [...batch, ...rows, ...columns];
}

/** `right` is the input that holds the right operand. */
export function matmul(dtypeOf: (view: NodeView) => DataType | undefined, right: number = 1): Rule {
  return (view) => {
    const dtype = dtypeOf(view);
    const shape = matrixProduct(view, view.shape(0), view.shape(right));
    return [dtype && { dtype, shape }];
  };
}

/** `alpha A' B' + beta C`, where C broadcasts to the product. */
export const gemm: Rule = (view) => {
  const dtype = view.sameDtype([0, 1, 2]);
  const operand = (index: number, attribute: string): Shape => {
    const shape = view.requireRank(index, 2) ?? [null, null];
    return intAttribute(view.node, attribute, 0) === 1 ? shape.toReversed() : shape;
  };
  const shape = matrixProduct(view, operand(0, "transA"), operand(1, "transB"))!;
  requireBroadcast(view, shape, 2);
  return [dtype && { dtype, shape }];
};

export const matmulRules: RuleTable = {
  MatMul: { 1: matmul((view) => view.sameDtype([0, 1])) },
  Gemm: { 1: gemm },
  Einsum: { 12: einsum },
  MatMulInteger: { 10: matmul(() => "int32") },
  QLinearMatMul: { 10: matmul((view) => view.dtype(7), 3) },
  Attention: { 23: attention },
  RotaryEmbedding: { 23: sameAsInput },
};
