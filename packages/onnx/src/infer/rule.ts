import type { Shape, TensorType } from "../ir/graph.js";
import type { DataType } from "../ir/tensor/tensor.js";
import type { NodeView } from "./view.js";

/**
 * Types of a node's outputs, in order; `undefined` for one that cannot be told. Throws OnnxError
 * ("onnx/invalid-graph") when the inputs contradict the operator's definition.
 */
export type Rule = (view: NodeView) => readonly (TensorType | undefined)[];

/** By operator, then by the operator-set version that a rule holds from. */
export type RuleTable = Readonly<Record<string, Readonly<Record<number, Rule>>>>;

/** The same rule for many operators, from the first operator set on. */
export function forEach(operators: readonly string[], rule: Rule, since: number = 1): RuleTable {
  return Object.fromEntries(operators.map((operator) => [operator, { [since]: rule }]));
}

/** Output 0 has the type of input 0. */
export const sameAsInput: Rule = (view) => [view.type(0)];

/** A type, unless the element type is unknown. */
export function typed(
  dtype: DataType | undefined,
  shape: Shape | undefined,
): TensorType | undefined {
  return dtype && { dtype, shape };
}
