import type { RuleContext } from "../../context.js";
import { type GradientTable, rule } from "../../rule.js";

/** Elementary functions of one number: exponential, trigonometric, hyperbolic, the error function. */
export const elementaryGradients: GradientTable = {
  // d(eˣ) = y dx
  Exp: rule((c) => [c.op("Mul", [c.gradient(), c.output()])]),

  // d(ln x) = dx / x
  Log: rule((c) => [c.op("Div", [c.gradient(), c.input(0)])]),

  // d(erf x) = 2/√π e^(-x²) dx
  Erf: rule((c) => {
    const square = c.op("Mul", [c.input(0), c.input(0)]);
    const bell = c.op("Exp", [c.op("Neg", [square])]);
    const scaled = c.op("Mul", [c.gradient(), c.scalar(2 / Math.sqrt(Math.PI))]);
    return [c.op("Mul", [scaled, bell])];
  }),

  // d(sin x) = cos(x) dx
  Sin: rule((c) => [c.op("Mul", [c.gradient(), c.op("Cos", [c.input(0)])])]),

  // d(cos x) = -sin(x) dx
  Cos: rule((c) => [c.op("Neg", [c.op("Mul", [c.gradient(), c.op("Sin", [c.input(0)])])])]),

  // d(tan x) = (1 + y²) dx
  Tan: rule((c) => [c.op("Add", [c.gradient(), timesSquare(c, c.output())])]),

  // d(asin x) = dx / √(1 - x²)
  Asin: rule((c) => [overRoot(c, c.op("Sub", [c.scalar(1), squareOf(c)]))]),

  // d(acos x) = -dx / √(1 - x²)
  Acos: rule((c) => [c.op("Neg", [overRoot(c, c.op("Sub", [c.scalar(1), squareOf(c)]))])]),

  // d(atan x) = dx / (1 + x²)
  Atan: rule((c) => [c.op("Div", [c.gradient(), c.op("Add", [squareOf(c), c.scalar(1)])])]),

  // d(sinh x) = cosh(x) dx
  Sinh: rule((c) => [c.op("Mul", [c.gradient(), c.op("Cosh", [c.input(0)])])]),

  // d(cosh x) = sinh(x) dx
  Cosh: rule((c) => [c.op("Mul", [c.gradient(), c.op("Sinh", [c.input(0)])])]),

  // d(tanh x) = (1 - y²) dx
  Tanh: rule((c) => [c.op("Sub", [c.gradient(), timesSquare(c, c.output())])]),

  // d(asinh x) = dx / √(x² + 1)
  Asinh: rule((c) => [overRoot(c, c.op("Add", [squareOf(c), c.scalar(1)]))]),

  // d(acosh x) = dx / √(x² - 1)
  Acosh: rule((c) => [overRoot(c, c.op("Sub", [squareOf(c), c.scalar(1)]))]),

  // d(atanh x) = dx / (1 - x²)
  Atanh: rule((c) => [c.op("Div", [c.gradient(), c.op("Sub", [c.scalar(1), squareOf(c)])])]),
};

function squareOf(c: RuleContext): string {
  return c.op("Mul", [c.input(0), c.input(0)]);
}

/** `dy v²`, from the gradient on: what reads forward values only would run, and stay, in the forward pass. */
function timesSquare(c: RuleContext, value: string): string {
  return c.op("Mul", [c.op("Mul", [c.gradient(), value]), value]);
}

function overRoot(c: RuleContext, value: string): string {
  return c.op("Div", [c.gradient(), c.op("Sqrt", [value])]);
}
