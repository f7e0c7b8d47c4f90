import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../context.js";
import { scatterFlat } from "./layout.js";

/**
 * Each window gives its gradient to its largest element, the first one of several. The indices tell
 * which that is; where windows do not overlap, each element has one gradient at most.
 */
export function maxPoolGradient(c: RuleContext): string[] {
  const x = c.input(0);
  const indices = indicesOf(c);
  return [scatterFlat(c, c.gradient(), indices, x)];
}

/** Flat positions of the largest elements in the input, row by row. */
function indicesOf(c: RuleContext): string {
  const attributes = new Map(c.node.attributes);
  if (c.output(1) !== "" && intAttribute(c.node, "storage_order", 0) === 0) return c.output(1);
  attributes.delete("storage_order");
  return c.builder.ops("MaxPool", [c.input(0)], 2, Object.fromEntries(attributes))[1]!;
}
