import { OnnxError } from "../../errors.js";
import { describeNode } from "../../ir/attributes.js";
import type { Converter, NodeRewriter } from "../rewrite.js";

/**
 * Converters by operator, then by the operator-set version that brought a new form. A converter takes
 * a node that is valid in the version before, and makes nodes that are valid in its own.
 */
export type UpgradeSteps = Readonly<Record<string, Readonly<Record<number, Converter>>>>;

/** The error for a node that the newer operator set cannot express. */
export function cannotUpgrade(rewriter: NodeRewriter, why: string): OnnxError {
  const { node } = rewriter;
  return new OnnxError(
    "onnx/unsupported",
    `${describeNode(node)} cannot be brought to the newer operator set: ${why}. Export the model with operator set 13 or newer.`,
    { subject: node.name },
  );
}
