import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { type GradientTable, missingGradients, rule } from "../../rule.js";
import { averagePoolGradient } from "./average-pool.js";
import { lpPoolGradient, powerOfNorm } from "./lp-pool.js";
import { maxPoolGradient } from "./max-pool.js";
import { spatialSizes } from "./window.js";

/** Operators that summarise windows, or all positions of a channel. */
export const poolingGradients: GradientTable = {
  MaxPool: rule(maxPoolGradient),
  AveragePool: rule(averagePoolGradient),
  LpPool: rule(lpPoolGradient),

  // Every position has the same share.
  GlobalAveragePool: rule((c) => [spreadEvenly(c)]),

  // The first of the largest elements gets the gradient.
  GlobalMaxPool: rule((c) => {
    const flat = c.ints([0, 0, -1]);
    const rows = c.op("Reshape", [c.input(0), flat]);
    const first = c.op("ArgMax", [rows], { axis: 2, keepdims: 1 });
    const zeros = c.op("Reshape", [c.zerosLike(c.input(0)), flat]);
    const gradient = c.op("Reshape", [c.gradient(), flat]);
    const placed = c.op("ScatterElements", [zeros, first, gradient], { axis: 2 });
    return [c.reshapeLike(placed, c.input(0))];
  }),

  // y = (Σ |x|^p)^(1/p); dx = dy y^(1−p) sign(x) |x|^(p−1)
  GlobalLpPool: rule((c) => {
    const p = intAttribute(c.node, "p", 2);
    return [powerOfNorm(c, p, (share) => share)];
  }),

  ...missingGradients(["MaxUnpool"], "unpooling is rare in models that are fine-tuned"),
};

function spreadEvenly(c: RuleContext): string {
  const sizes = spatialSizes(c, c.input(0));
  if (sizes !== undefined) {
    const count = sizes.reduce((product, size) => product * size, 1);
    const share = c.op("Mul", [c.gradient(), c.scalar(1 / count)]);
    return c.op("Expand", [share, c.ints([1, 1, ...sizes])]);
  }
  const shape = c.op("Shape", [c.input(0)]);
  const count = c.op("ReduceProd", [c.op("Shape", [c.input(0)], { start: 2 })], { keepdims: 0 });
  return c.op("Expand", [c.op("Div", [c.gradient(), c.asNumbers(count)]), shape]);
}
