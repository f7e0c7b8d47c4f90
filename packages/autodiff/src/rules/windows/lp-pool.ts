import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { transposedWindowSum } from "./average-pool.js";
import { windowOf } from "./window.js";

/** y = (Σ |x|^p)^(1/p) over windows; dx = sign(x) |x|^(p−1) Σ dy y^(1−p) over the windows of x. */
export function lpPoolGradient(c: RuleContext): string[] {
  if (intAttribute(c.node, "ceil_mode", 0) === 1) {
    throw new UnsupportedForm("windows that hang over the end (ceil_mode) are not supported");
  }
  const window = windowOf(c);
  const p = intAttribute(c.node, "p", 2);
  return [powerOfNorm(c, p, (share) => transposedWindowSum(c, share, window))];
}

/**
 * The gradient of y = (Σ |x|^p)^(1/p); where y is 0, all its x are, and the gradient is 0.
 *
 * @param spread - Takes what every sum has to give back to the elements that it summed.
 */
export function powerOfNorm(c: RuleContext, p: number, spread: (share: string) => string): string {
  const x = c.input(0);
  if (p === 1) return c.op("Mul", [spread(c.gradient()), c.op("Sign", [x])]);
  const isZero = c.op("Equal", [c.output(), c.scalar(0)]);
  const norm = c.op("Where", [isZero, c.scalar(1), c.output()]);
  const share = c.op("Div", [c.gradient(), c.op("Pow", [norm, c.scalar(p - 1)])]);
  const size = p === 2 ? [] : [c.op("Pow", [c.op("Abs", [x]), c.scalar(p - 2)])];
  return [x, ...size].reduce((product, factor) => c.op("Mul", [product, factor]), spread(share));
}
