import { intAttribute, numbersOf } from "@engraft/onnx";
import { sumToShape } from "../../broadcasting.js";
import type { RuleContext } from "../../context.js";
import { broadcasting, type GradientTable, rule } from "../../rule.js";

/** Sums, products and powers of numbers, element by element. */
export const arithmeticGradients: GradientTable = {
  // d(a + b) = da + db
  Add: broadcasting((c) => [c.gradient(), c.gradient()]),

  // d(a - b) = da - db; the sum over what was broadcast is smaller than what it sums
  Sub: rule((c) => [
    c.wants(0) ? summed(c, c.gradient(), 0) : undefined,
    c.wants(1) ? c.op("Neg", [summed(c, c.gradient(), 1)]) : undefined,
  ]),

  // d(Σ xᵢ) = Σ dxᵢ
  Sum: broadcasting((c) => c.node.inputs.map(() => c.gradient())),

  // d(Σ xᵢ / n) = Σ dxᵢ / n
  Mean: broadcasting((c) => {
    const share = c.op("Div", [c.gradient(), c.scalar(c.node.inputs.length)]);
    return c.node.inputs.map(() => share);
  }),

  // d(a b) = b da + a db
  Mul: broadcasting((c) => {
    const [a, b] = [c.input(0), c.input(1)];
    return [
      c.wants(0) ? c.op("Mul", [c.gradient(), b]) : undefined,
      c.wants(1) ? c.op("Mul", [c.gradient(), a]) : undefined,
    ];
  }),

  // y = a / b; dy = da / b - y db / b
  Div: rule((c) => {
    const b = c.input(1);
    return [
      c.wants(0) ? summed(c, c.op("Div", [c.gradient(), b]), 0) : undefined,
      c.wants(1)
        ? c.op("Neg", [c.op("Div", [summed(c, c.op("Mul", [c.gradient(), c.output()]), 1), b])])
        : undefined,
    ];
  }),

  // y = a - trunc(a / b) b; dy = da - trunc(a / b) db
  Mod: broadcasting((c) => {
    const [a, b] = [c.input(0), c.input(1)];
    if (!c.wants(1)) return [c.gradient()];
    const quotient = c.op("Div", [c.op("Sub", [c.output(), a]), b]);
    return [c.gradient(), c.op("Mul", [c.gradient(), quotient])];
  }),

  // y = xᵉ; dy = e xᵉ⁻¹ dx + y ln(x) de
  Pow: broadcasting((c) => [
    c.wants(0) ? gradientOfBase(c) : undefined,
    c.wants(1) ? gradientOfExponent(c) : undefined,
  ]),

  // d(-x) = -dx
  Neg: rule((c) => [c.op("Neg", [c.gradient()])]),

  // d(1 / x) = -y² dx
  Reciprocal: rule((c) => {
    const scaled = c.op("Mul", [c.gradient(), c.output()]);
    return [c.op("Neg", [c.op("Mul", [scaled, c.output()])])];
  }),

  // d(√x) = dx / 2y: infinite at 0, as in PyTorch
  Sqrt: rule((c) => [halfOver(c, c.output())]),

  // d(|x|) = sign(x) dx: 0 at 0
  Abs: rule((c) => [c.op("Mul", [c.gradient(), c.op("Sign", [c.input(0)])])]),

  // yᵢ = Σ xⱼ over j ≤ i; dxⱼ = Σ dyᵢ over i ≥ j
  CumSum: rule((c) => [
    c.op("CumSum", [c.gradient(), c.input(1)], {
      exclusive: intAttribute(c.node, "exclusive", 0),
      reverse: 1 - intAttribute(c.node, "reverse", 0),
    }),
  ]),
};

/** Sums a gradient of the output's shape over what was broadcast of an input. */
function summed(c: RuleContext, gradient: string, index: number): string {
  return sumToShape(c, gradient, c.shape(c.output()), c.input(index));
}

/** `dy / 2y`, for a square root y. */
function halfOver(c: RuleContext, root: string): string {
  return c.op("Div", [c.op("Mul", [c.gradient(), c.scalar(0.5)]), root]);
}

/** Exponents that models are full of have cheaper forms than a power. */
function gradientOfBase(c: RuleContext): string {
  const [x, y, g] = [c.input(0), c.output(), c.gradient()];
  const exponent = constantExponent(c);
  if (exponent === undefined) return powerRule(c);
  switch (exponent) {
    case 0:
      return c.zerosLike(y);
    case 1:
      return g;
    case 2:
      return c.op("Mul", [c.op("Mul", [g, x]), c.scalar(2)]);
    case 3:
      return c.op("Mul", [c.op("Mul", [c.op("Mul", [g, x]), x]), c.scalar(3)]);
    case 0.5:
      return halfOver(c, y);
    default: {
      const power = c.op("Pow", [x, c.scalar(exponent - 1)]);
      return c.op("Mul", [c.op("Mul", [g, c.scalar(exponent)]), power]);
    }
  }
}

/** The exponent where it is one constant number. */
function constantExponent(c: RuleContext): number | undefined {
  const exponent = c.constantOf(c.input(1));
  return exponent?.data.length === 1 ? numbersOf(exponent)[0] : undefined;
}

/** `e xᵉ⁻¹ dy`; where e is 0 the power is not lowered, so that the gradient is 0 at x = 0 too. */
function powerRule(c: RuleContext): string {
  const exponent = exponentOf(c);
  const isZero = c.op("Equal", [exponent, c.scalar(0)]);
  const lowered = c.op("Sub", [exponent, c.asNumbers(c.op("Not", [isZero]))]);
  const power = c.op("Pow", [c.input(0), lowered]);
  return c.op("Mul", [c.op("Mul", [c.gradient(), exponent]), power]);
}

/** `y ln(x) dy`, and 0 at x = 0, as in PyTorch. */
function gradientOfExponent(c: RuleContext): string {
  const x = c.input(0);
  const isZero = c.asNumbers(c.op("Equal", [x, c.scalar(0)]));
  const logarithm = c.op("Log", [c.op("Add", [x, isZero])]);
  return c.op("Mul", [c.op("Mul", [c.gradient(), c.output()]), logarithm]);
}

/** The exponent may be an integer. */
function exponentOf(c: RuleContext): string {
  const exponent = c.input(1);
  return c.dtype(exponent) === c.dtype(c.output()) ? exponent : c.asNumbers(exponent);
}
