import { floatAttribute, intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";

/**
 * LRN divides by a power of a moving average over the channels: y = x s^(−β), s = bias + α A(x²).
 * dx = g s^(−β) − 2 α β x Aᵀ(g x s^(−β−1)), where Aᵀ is the average over the mirrored window.
 */
export function localResponseGradient(c: RuleContext): string[] {
  const x = c.input(0);
  const size = intAttribute(c.node, "size", 1);
  const alpha = floatAttribute(c.node, "alpha", 1e-4);
  const beta = floatAttribute(c.node, "beta", 0.75);
  const bias = floatAttribute(c.node, "bias", 1);
  const before = Math.floor((size - 1) / 2);
  const mean = averageOverChannels(c, c.op("Mul", [x, x]), before, size - 1 - before);
  const scale = c.op("Add", [c.op("Mul", [mean, c.scalar(alpha)]), c.scalar(bias)]);
  const direct = c.op("Mul", [c.gradient(), c.op("Pow", [scale, c.scalar(-beta)])]);
  const inner = c.op("Div", [c.op("Mul", [direct, x]), scale]);
  const spread = averageOverChannels(c, inner, size - 1 - before, before);
  const through = c.op("Mul", [c.op("Mul", [spread, x]), c.scalar(2 * alpha * beta)]);
  return [c.op("Sub", [direct, through])];
}

/** The mean over a window of channels, in which channels that are not there count as zeros. */
function averageOverChannels(c: RuleContext, value: string, before: number, after: number): string {
  // Channels take the place of an image's rows.
  const rows = c.op("Unsqueeze", [c.op("Reshape", [value, c.ints([0, 0, -1])]), c.ints([1])]);
  const mean = c.op("AveragePool", [rows], {
    kernel_shape: [before + after + 1, 1],
    pads: [before, 0, after, 0],
    count_include_pad: 1,
  });
  return c.reshapeLike(mean, c.input(0));
}
