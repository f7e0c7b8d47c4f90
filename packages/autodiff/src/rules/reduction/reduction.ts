import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { type GradientTable, rule } from "../../rule.js";

/**
 * Operators that fold axes away. Values of the output's shape get the folded axes back with size 1,
 * so that they broadcast to the input.
 */
export const reductionGradients: GradientTable = {
  // y = Σ x; dx = dy
  ReduceSum: rule((c) => [spread(c, c.gradient())]),

  // y = Σ x / n; dx = dy / n
  ReduceMean: rule((c) => [spread(c, c.op("Div", [c.gradient(), foldedCount(c)]))]),

  // y = Σ |x|; dx = sign(x) dy
  ReduceL1: rule((c) => [c.op("Mul", [unfolded(c, c.gradient()), c.op("Sign", [c.input(0)])])]),

  // y = √(Σ x²); dx = x dy / y, and 0 where y = 0
  ReduceL2: rule((c) => {
    const isZero = c.asNumbers(c.op("Equal", [c.output(), c.scalar(0)]));
    const share = c.op("Div", [c.gradient(), c.op("Add", [c.output(), isZero])]);
    return [c.op("Mul", [unfolded(c, share), c.input(0)])];
  }),

  // y = Σ x²; dx = 2 x dy
  ReduceSumSquare: rule((c) => {
    const twice = c.op("Mul", [c.gradient(), c.scalar(2)]);
    return [c.op("Mul", [unfolded(c, twice), c.input(0)])];
  }),

  // y = ln Σ x; dx = e^(-y) dy
  ReduceLogSum: rule((c) => [spread(c, c.op("Div", [c.gradient(), c.op("Exp", [c.output()])]))]),

  // y = ln Σ eˣ; dx = e^(x - y) dy
  ReduceLogSumExp: rule((c) => {
    const below = c.op("Sub", [c.input(0), unfolded(c, c.output())]);
    return [c.op("Mul", [unfolded(c, c.gradient()), c.op("Exp", [below])])];
  }),

  ReduceMax: rule((c) => [sharedByTies(c)]),
  ReduceMin: rule((c) => [sharedByTies(c)]),

  // y = Π x; dxᵢ = dy Π xⱼ over j ≠ i
  ReduceProd: rule((c) => [gradientOfProduct(c)]),
};

/** Elements that are equal to the extreme one share its gradient evenly, as torch.amax does. */
function sharedByTies(c: RuleContext): string {
  const extreme = unfolded(c, c.output());
  const hits = c.asNumbers(c.op("Equal", [c.input(0), extreme]));
  const count = fold(c, hits);
  const share = c.op("Div", [unfolded(c, c.gradient()), count]);
  return c.op("Mul", [share, hits]);
}

/**
 * The product of the others is y / x where no factor is 0. Where one is, it is the product of the
 * rest for that one, and 0 for all others; where several are, 0 for all.
 */
function gradientOfProduct(c: RuleContext): string {
  const x = c.input(0);
  const isZero = c.asNumbers(c.op("Equal", [x, c.scalar(0)]));
  const filled = c.op("Add", [x, isZero]);
  const product = c.op("ReduceProd", [filled, ...foldedAxes(c)], {
    ...foldedAttributes(c),
    keepdims: 1,
  });
  const others = c.op("Div", [c.op("Mul", [unfolded(c, c.gradient()), product]), filled]);
  // An element counts where as many zeros are among the factors as it is one itself.
  const isOnly = c.op("Equal", [fold(c, isZero), isZero]);
  return c.masked(others, isOnly);
}

/** Sum over the axes that the node folds, which stay with size 1. */
function fold(c: RuleContext, value: string): string {
  return c.op("ReduceSum", [value, ...foldedAxes(c)], { ...foldedAttributes(c), keepdims: 1 });
}

function foldedAxes(c: RuleContext): string[] {
  return c.has(1) ? [c.input(1)] : [];
}

function foldedAttributes(c: RuleContext): { noop_with_empty_axes: number } {
  return { noop_with_empty_axes: intAttribute(c.node, "noop_with_empty_axes", 0) };
}

/** Gives a value of the output's shape the folded axes with size 1. */
function unfolded(c: RuleContext, value: string): string {
  if (intAttribute(c.node, "keepdims", 1) === 1 || !c.has(1)) return value;
  const axes = c.constantOf(c.input(1));
  if (axes?.data.length === 0) return value;
  return c.op("Unsqueeze", [value, c.input(1)]);
}

/** Repeats a value of the output's shape along the folded axes. */
function spread(c: RuleContext, value: string): string {
  return c.op("Expand", [unfolded(c, value), c.sizes(c.input(0))]);
}

/** Number of elements that were folded to one. */
function foldedCount(c: RuleContext): string {
  const [from, to] = [c.staticShape(c.input(0)), c.staticShape(c.output())];
  const size = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
  if (from && to) return c.scalar(size(from) / size(to));
  const sizeOf = (value: string) => c.asNumbers(c.op("Size", [value]));
  return c.op("Div", [sizeOf(c.input(0)), sizeOf(c.output())]);
}
