import type { RuleContext } from "../../context.js";
import { broadcasting, type GradientTable, rule } from "../../rule.js";
import { threshold } from "./threshold.js";

/** Operators that choose between values, element by element. */
export const selectionGradients: GradientTable = {
  // The gradient goes where the value came from. Where stops what is infinite on the other side;
  // a product with a mask would not.
  Where: broadcasting((c) => {
    const [condition, g] = [c.input(0), c.gradient()];
    return [
      undefined,
      c.wants(1) ? c.op("Where", [condition, g, c.scalar(0)]) : undefined,
      c.wants(2) ? c.op("Where", [condition, c.scalar(0), g]) : undefined,
    ];
  }),

  // 1 between the bounds; a bound gets the gradient of what it cut off
  Clip: rule((c) => [
    c.wants(0) ? gradientBetweenBounds(c) : undefined,
    c.wants(1) ? boundGradient(c, "Less", 1) : undefined,
    c.wants(2) ? boundGradient(c, "Greater", 2) : undefined,
  ]),

  Max: broadcasting(sharedByTies),
  Min: broadcasting(sharedByTies),
};

/** Elements that are equal to the extreme one share its gradient evenly, as in PyTorch. */
function sharedByTies(c: RuleContext): readonly (string | undefined)[] {
  const hits = c.node.inputs.map((x) => c.asNumbers(c.op("Equal", [x, c.output()])));
  const share = c.op("Div", [c.gradient(), hits.reduce((sum, hit) => c.op("Add", [sum, hit]))]);
  return hits.map((hit, index) => (c.wants(index) ? c.op("Mul", [share, hit]) : undefined));
}

/**
 * At a bound the gradient is 0, as PyTorch 2.15 has it (1.13 had 1 for clamp and 0 for ReLU6). So y
 * tells all, and the input need not be kept.
 */
function gradientBetweenBounds(c: RuleContext): string {
  const masks = [
    ...(c.has(1) ? [threshold(c, c.output(), "above", c.input(1))] : []),
    ...(c.has(2) ? [threshold(c, c.output(), "below", c.input(2))] : []),
  ];
  return masks.reduce((gradient, mask) => c.op("Mul", [gradient, mask]), c.gradient());
}

function boundGradient(c: RuleContext, comparison: "Less" | "Greater", index: number): string {
  const isCut = c.op(comparison, [c.input(0), c.input(index)]);
  return c.op("ReduceSum", [c.masked(c.gradient(), isCut)], { keepdims: 0 });
}
