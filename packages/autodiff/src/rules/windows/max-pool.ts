import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { scatterFlat } from "../shapes/layout.js";
import { reachOf, windowOf } from "./window.js";

/**
 * Each window gives its gradient to its largest element, the first one of several. The indices tell
 * which that is. Where windows do not overlap, no element has two gradients to add: MaxUnpool is
 * twice as fast.
 */
export function maxPoolGradient(c: RuleContext): string[] {
  const x = c.input(0);
  const window = windowOf(c);
  const { kernel: kernel_shape, strides } = window;
  const overlaps = reachOf(window).some((reach, axis) => reach >= strides[axis]!);
  if (overlaps) return [scatterFlat(c, c.gradient(), indicesOf(c), x)];
  const inputs = [c.gradient(), indicesOf(c), c.sizes(x)];
  return [c.op("MaxUnpool", inputs, { kernel_shape, strides })];
}

/** Positions of the largest elements in the flattened input. */
function indicesOf(c: RuleContext): string {
  if (intAttribute(c.node, "storage_order", 0) === 0) return c.furtherOutput(1);
  const attributes = new Map(c.node.attributes);
  attributes.delete("storage_order");
  return c.builder.ops("MaxPool", [c.input(0)], 2, Object.fromEntries(attributes))[1]!;
}
