import { intAttribute } from "../../ir/attributes.js";
import type { Node } from "../../ir/graph.js";

/** Where a weight is that is worth storing in 8 bits. */
export interface WeightAxis {
  /** Which of the node's inputs the weight is. */
  readonly input: number;
  /** The axis of output channels or rows: each slice of it has a scale. */
  readonly axis: number;
}

/** The weight of a node, where it has one of the kinds that are stored in 8 bits. */
export function weightAxisOf(node: Node): WeightAxis | undefined {
  if (node.domain !== "") return undefined;
  switch (node.opType) {
    case "MatMul":
      return { input: 1, axis: 1 };
    case "Gemm":
      return { input: 1, axis: intAttribute(node, "transB", 0) === 1 ? 0 : 1 };
    case "Conv":
      return { input: 1, axis: 0 };
    case "Gather":
      return intAttribute(node, "axis", 0) === 0 ? { input: 0, axis: 0 } : undefined;
    default:
      return undefined;
  }
}
