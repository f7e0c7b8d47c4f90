import { floatAttribute, stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { broadcasting, type GradientTable, rule } from "../../rule.js";
import { threshold } from "./threshold.js";

/** Non-linearities of neural networks. At kinks they follow PyTorch 2.15. */
export const activationGradients: GradientTable = {
  // 1 where y > 0: reading y, the input need not be kept
  Relu: rule((c) => [c.op("Mul", [c.gradient(), threshold(c, c.output(), "above", 0)])]),

  // 1 where x > 0, else α
  LeakyRelu: rule((c) => {
    const alpha = c.scalar(floatAttribute(c.node, "alpha", 0.01));
    return [c.op("Mul", [c.gradient(), slopes(c, alpha)])];
  }),

  // 1 where x > 0, else the slope s; by s: x where x ≤ 0
  PRelu: broadcasting((c) => [
    c.wants(0) ? c.op("Mul", [c.gradient(), slopes(c, c.input(1))]) : undefined,
    c.wants(1) ? c.op("Mul", [c.gradient(), c.op("Min", [c.input(0), c.scalar(0)])]) : undefined,
  ]),

  // y = x where x > α, else 0
  ThresholdedRelu: rule((c) => {
    const alpha = floatAttribute(c.node, "alpha", 1);
    return [c.op("Mul", [c.gradient(), threshold(c, c.input(0), "above", alpha)])];
  }),

  // y = x ∓ bias where |x| > λ, else 0
  Shrink: rule((c) => {
    const lambda = c.scalar(floatAttribute(c.node, "lambd", 0.5));
    const size = c.op("Abs", [c.input(0)]);
    return [c.masked(c.gradient(), c.op("Greater", [size, lambda]))];
  }),

  // y = x where x > 0, else α (eˣ - 1)
  Elu: rule((c) => [exponentialTail(c, floatAttribute(c.node, "alpha", 1), 1)]),

  // y = γ x where x > 0, else γ α (eˣ - 1)
  Selu: rule((c) => [
    exponentialTail(
      c,
      floatAttribute(c.node, "alpha", 1.6732631921768188),
      floatAttribute(c.node, "gamma", 1.0507010221481323),
    ),
  ]),

  // y = max(x, 0) + min(α (e^(x/α) - 1), 0); dy = (min(y, 0) / α + 1) dx
  Celu: rule((c) => {
    const alpha = floatAttribute(c.node, "alpha", 1);
    const tail = c.op("Div", [c.op("Min", [c.output(), c.scalar(0)]), c.scalar(alpha)]);
    return [c.op("Mul", [c.gradient(), c.op("Add", [tail, c.scalar(1)])])];
  }),

  // d ln(1 + eˣ) = sigmoid(x) dx
  Softplus: rule((c) => [c.op("Mul", [c.gradient(), c.op("Sigmoid", [c.input(0)])])]),

  // d(x / (1 + |x|)) = dx / (1 + |x|)²
  Softsign: rule((c) => {
    const divisor = c.op("Add", [c.op("Abs", [c.input(0)]), c.scalar(1)]);
    return [c.op("Div", [c.op("Div", [c.gradient(), divisor]), divisor])];
  }),

  // d sigmoid = y (1 - y) dx
  Sigmoid: rule((c) => {
    const scaled = c.op("Mul", [c.gradient(), c.output()]);
    return [c.op("Sub", [scaled, c.op("Mul", [scaled, c.output()])])];
  }),

  // α between the kinks, where 0 < y < 1; 0 at the kinks
  HardSigmoid: rule((c) => {
    const alpha = c.scalar(floatAttribute(c.node, "alpha", 0.2));
    const isInner = c.op("And", [
      c.op("Greater", [c.output(), c.scalar(0)]),
      c.op("Less", [c.output(), c.scalar(1)]),
    ]);
    return [c.masked(c.op("Mul", [c.gradient(), alpha]), isInner)];
  }),

  // y = x h, h = clip(x / 6 + 1/2, 0, 1); dy = (h + (h - 1/2)) dx where 0 < h < 1, else h dx
  HardSwish: rule((c) => {
    const h = c.op("HardSigmoid", [c.input(0)], { alpha: 1 / 6, beta: 0.5 });
    const centred = c.op("Sub", [h, c.scalar(0.5)]);
    const isInner = c.op("Less", [c.op("Abs", [centred]), c.scalar(0.5)]);
    const slope = c.op("Add", [h, c.masked(centred, isInner)]);
    return [c.op("Mul", [c.gradient(), slope])];
  }),

  // y = x s, s = sigmoid(α x); dy = (s + α y (1 - s)) dx
  Swish: rule((c) => {
    const alpha = c.scalar(floatAttribute(c.node, "alpha", 1));
    const s = c.op("Sigmoid", [c.op("Mul", [c.input(0), alpha])]);
    const rest = c.op("Sub", [c.scalar(1), s]);
    const bend = c.op("Mul", [c.op("Mul", [c.output(), alpha]), rest]);
    return [c.op("Mul", [c.gradient(), c.op("Add", [s, bend])])];
  }),

  // y = x t, t = tanh(softplus(x)); dy = (t + x (1 - t²) sigmoid(x)) dx
  Mish: rule((c) => {
    const x = c.input(0);
    const t = c.op("Tanh", [c.op("Softplus", [x])]);
    const fall = c.op("Sub", [c.scalar(1), c.op("Mul", [t, t])]);
    const bend = c.op("Mul", [c.op("Mul", [x, fall]), c.op("Sigmoid", [x])]);
    return [c.op("Mul", [c.gradient(), c.op("Add", [t, bend])])];
  }),

  Gelu: rule((c) => {
    const isTanh = stringAttribute(c.node, "approximate", "none") === "tanh";
    return [c.op("Mul", [c.gradient(), isTanh ? slopeOfTanhGelu(c) : slopeOfGelu(c)])];
  }),
};

/** 1 where x > 0, else `below`: the slope at 0 is that of the negative side. */
function slopes(c: RuleContext, below: string): string {
  const isAbove = c.asNumbers(c.op("Greater", [c.input(0), c.scalar(0)]));
  const step = c.op("Sub", [c.scalar(1), below]);
  return c.op("Add", [c.op("Mul", [isAbove, step]), below]);
}

/** Gradient of `γ x` where x > 0, else `γ α (eˣ - 1)`: γ + (y + γ (α - 1)) [x ≤ 0]. */
function exponentialTail(c: RuleContext, alpha: number, gamma: number): string {
  const shifted = c.op("Add", [c.output(), c.scalar(gamma * (alpha - 1))]);
  const tail = c.masked(shifted, c.op("LessOrEqual", [c.input(0), c.scalar(0)]));
  return c.op("Mul", [c.gradient(), c.op("Add", [tail, c.scalar(gamma)])]);
}

/**
 * y = x Φ(x); dy = (Φ(x) + x φ(x)) dx, with the normal distribution Φ and its density φ. In terms of
 * u = x / √2 that is (1 + erf(u)) / 2 + u / (√π e^(u²)). Passes over the data are what it costs, and
 * HardSigmoid takes (1 + v) / 2, which stays between 0 and 1, in one.
 */
function slopeOfGelu(c: RuleContext): string {
  const u = c.op("Mul", [c.input(0), c.scalar(Math.SQRT1_2)]);
  const half = { alpha: 0.5, beta: 0.5 };
  const distribution = c.op("HardSigmoid", [c.op("Erf", [u])], half);
  const bell = c.op("Div", [u, c.op("Exp", [c.op("Mul", [u, u])])]);
  const density = c.op("Mul", [bell, c.scalar(1 / Math.sqrt(Math.PI))]);
  return c.op("Add", [distribution, density]);
}

/** y = x (1 + t) / 2, t = tanh(u), u = k (x + a x³); dy = ((1 + t) + x (1 - t²) u') / 2 dx. */
function slopeOfTanhGelu(c: RuleContext): string {
  const [a, k] = [0.044715, Math.sqrt(2 / Math.PI)];
  const x = c.input(0);
  const square = c.op("Mul", [x, x]);
  const polynomial = (constant: number, quadratic: number) =>
    c.op("Add", [c.op("Mul", [square, c.scalar(quadratic)]), c.scalar(constant)]);
  const t = c.op("Tanh", [c.op("Mul", [x, polynomial(k, k * a)])]);
  const bend = c.op("Mul", [x, polynomial(k / 2, (3 * k * a) / 2)]);
  const fall = c.op("Sub", [c.scalar(1), c.op("Mul", [t, t])]);
  const rise = c.op("HardSigmoid", [t], { alpha: 0.5, beta: 0.5 });
  return c.op("Add", [rise, c.op("Mul", [bend, fall])]);
}
