import { dataTypeCodes, intAttribute, stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { type GradientTable, rule } from "../../rule.js";

/**
 * Losses of class scores [batch, classes, ...] against labels [batch, ...]. With the weight w of the
 * label's class, 0 where the label is the one to ignore: lossᵢ = -wᵢ log p(labelᵢ), and their sum, or
 * their mean with the divisor Σ wᵢ.
 */
export const lossGradients: GradientTable = {
  // x = log p; dxᵢ = -wᵢ onehot(labelᵢ) dlossᵢ
  NegativeLogLikelihoodLoss: rule((c) => {
    const labels = labelsOf(c);
    return [
      c.wants(0) ? c.op("Neg", [c.op("Mul", [shareOf(c, labels), labels.hits])]) : undefined,
      undefined,
      c.wants(2) ? gradientOfWeights(c, labels, c.input(0)) : undefined,
    ];
  }),

  // x = scores; dxᵢ = wᵢ (pᵢ - onehot(labelᵢ)) dlossᵢ, and as LogSoftmax by log p, the second output
  SoftmaxCrossEntropyLoss: rule((c) => {
    const logarithms = c.output(1) || c.op("LogSoftmax", [c.input(0)], { axis: 1 });
    return [
      c.wants(0) ? gradientOfScores(c, logarithms) : undefined,
      undefined,
      c.wants(2) && c.hasGradient(0) ? gradientOfWeights(c, labelsOf(c), logarithms) : undefined,
    ];
  }),
};

/** What the losses read from the labels. */
interface Labels {
  /** 1 at the class of each sample, in the shape of the scores. */
  readonly hits: string;
  /** 0 for a sample to ignore, else 1; `undefined` where none is. */
  readonly valid: string | undefined;
  /** Weight of each sample; `undefined` where all are 1. */
  readonly weights: string | undefined;
}

function labelsOf(c: RuleContext): Labels {
  const given = c.input(1);
  const labels =
    c.dtype(given) === "int64" ? given : c.op("Cast", [given], { to: dataTypeCodes.int64 });
  const ignored = intAttribute(c.node, "ignore_index");
  const isIgnored = ignored === undefined ? undefined : c.op("Equal", [labels, c.ints([ignored])]);
  // The label to ignore need not be a class; 0 always is one.
  const classes = isIgnored ? c.op("Where", [isIgnored, c.ints([0]), labels]) : labels;
  const valid = isIgnored && c.asNumbers(c.op("Not", [isIgnored]));
  const weights = c.has(2) ? c.op("Gather", [c.input(2), classes]) : undefined;
  const count = c.op("Gather", [c.sizes(c.input(0)), c.ints([1])]);
  return {
    hits: c.op("OneHot", [classes, count, c.floats([0, 1], [2])], { axis: 1 }),
    valid,
    weights: weights && valid ? c.op("Mul", [weights, valid]) : (weights ?? valid),
  };
}

function gradientOfScores(c: RuleContext, logarithms: string): string {
  const probabilities = c.op("Exp", [logarithms]);
  const parts: string[] = [];
  if (c.hasGradient(0)) {
    const labels = labelsOf(c);
    const error = c.op("Sub", [probabilities, labels.hits]);
    parts.push(c.op("Mul", [shareOf(c, labels), error]));
  }
  if (c.hasGradient(1)) {
    const total = c.op("ReduceSum", [c.gradient(1), c.ints([1])], { keepdims: 1 });
    parts.push(c.op("Sub", [c.gradient(1), c.op("Mul", [total, probabilities])]));
  }
  return parts.reduce((sum, part) => c.op("Add", [sum, part]));
}

/** `wᵢ dlossᵢ` of each sample, over the divisor of the mean; broadcasts to the scores. */
function shareOf(c: RuleContext, labels: Labels): string {
  const gradient = overDivisor(c, labels);
  if (labels.weights !== undefined) {
    return alongClasses(c, c.op("Mul", [gradient, labels.weights]));
  }
  return reductionOf(c) === "none" ? alongClasses(c, gradient) : gradient;
}

/** Of a class: Σ -log p(labelᵢ) dlossᵢ over its samples; the mean's divisor takes off the loss. */
function gradientOfWeights(c: RuleContext, labels: Labels, logarithms: string): string {
  const chosen = c.op("Mul", [logarithms, labels.hits]);
  const losses = c.op("Neg", [c.op("ReduceSum", [chosen, c.ints([1])], { keepdims: 0 })]);
  const excess = reductionOf(c) === "mean" ? c.op("Sub", [losses, c.output()]) : losses;
  const scaled = c.op("Mul", [overDivisor(c, labels), excess]);
  const counted = labels.valid === undefined ? scaled : c.op("Mul", [scaled, labels.valid]);
  const perClass = c.op("Mul", [labels.hits, alongClasses(c, counted)]);
  const axes = Array.from({ length: c.rank(c.input(0)) }, (_, axis) => axis);
  return c.op("ReduceSum", [perClass, c.ints(axes.toSpliced(1, 1))], { keepdims: 0 });
}

/** The gradient of the loss, over the divisor of the mean. */
function overDivisor(c: RuleContext, { weights }: Labels): string {
  if (reductionOf(c) !== "mean") return c.gradient();
  const divisor =
    weights === undefined
      ? c.asNumbers(c.op("Size", [c.input(1)]))
      : c.op("ReduceSum", [weights], { keepdims: 0 });
  return c.op("Div", [c.gradient(), divisor]);
}

/** Gives a value by sample the axis of the classes. */
function alongClasses(c: RuleContext, value: string): string {
  return c.op("Unsqueeze", [value, c.ints([1])]);
}

function reductionOf(c: RuleContext): string {
  return stringAttribute(c.node, "reduction", "mean");
}
