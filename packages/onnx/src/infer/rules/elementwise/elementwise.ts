import { intAttribute, stringAttribute } from "../../../ir/attributes.js";
import type { Shape } from "../../../ir/graph.js";
import { dataTypeOfName } from "../../../ir/tensor/data-type-codes.js";
import type { DataType } from "../../../ir/tensor/tensor.js";
import { broadcastShapes, formatShape } from "../../dims.js";
import type { Rule, RuleTable } from "../../rule.js";
import { forEach, sameAsInput, typed } from "../../rule.js";
import type { NodeView } from "../../view.js";

/** Operators that work element by element, with multidirectional broadcasting. */

/** Common shape of all inputs; unknown while the rank of one is. */
function broadcastInputs(view: NodeView): Shape | undefined {
  const shapes: Shape[] = [];
  for (const index of view.node.inputs.keys()) {
    const shape = view.shape(index);
    if (shape === undefined) return undefined;
    shapes.push(shape);
  }
  const shape = broadcastShapes(shapes);
  if (shape === undefined) {
    view.reject("inputs that broadcast to one shape", shapes.map(formatShape).join(" and "));
  }
  return shape;
}

const arithmetic: Rule = (view) => [
  typed(view.sameDtype([...view.node.inputs.keys()]), broadcastInputs(view)),
];

/** The exponent or shift may have another element type. */
const typeOfFirst: Rule = (view) => [typed(view.dtype(0), broadcastInputs(view))];

const comparison: Rule = (view) => {
  view.sameDtype([0, 1]);
  return [{ dtype: "bool", shape: broadcastInputs(view) }];
};

/**
 * Until operator set 7 shapes were equal, or an attribute stretched the second input to the first.
 */
function stretched(dtypeOf: (view: NodeView) => DataType | undefined): Rule {
  return (view) => {
    const [first, second] = [view.shape(0), view.shape(1)];
    const isEqual = intAttribute(view.node, "broadcast", 0) === 0;
    if (isEqual && first !== undefined && second !== undefined) view.requireShape(1, first);
    return [typed(dtypeOf(view), first)];
  };
}

const stretchedNumbers = stretched((view) => view.dtype(0));
const stretchedFlags = stretched(() => "bool");

const predicate: Rule = (view) => [{ dtype: "bool", shape: view.shape(0) }];

const where: Rule = (view) => [typed(view.sameDtype([1, 2]), broadcastInputs(view))];

/** The slope broadcasts to the input, never the other way round. */
const parametricRelu: Rule = (view) => {
  const shape = view.shape(0);
  const joined = broadcastInputs(view);
  if (shape !== undefined && joined !== undefined && joined.length > shape.length) {
    view.reject(`a slope that broadcasts to ${formatShape(shape)}`, formatShape(view.shape(1)));
  }
  return [view.type(0)];
};

const cast: Rule = (view) => [typed(view.dtypeAttribute("to"), view.shape(0))];

/** The type was written by its name until operator set 6. */
const castByName: Rule = (view) => [
  typed(dataTypeOfName(stringAttribute(view.node, "to", "")), view.shape(0)),
];

const castLike: Rule = (view) => [typed(view.dtype(1), view.shape(0))];

/** The output and, where it is asked for, the mask of what was kept. */
function dropout(maskType: (view: NodeView) => DataType | undefined): Rule {
  return (view) => [view.type(0), typed(maskType(view), view.shape(0))];
}

/** The type does not change; an axis that is given must exist. */
const alongAxis: Rule = (view) => {
  const axis = intAttribute(view.node, "axis");
  const rank = view.shape(0)?.length;
  if (axis !== undefined && rank !== undefined) view.axis(axis, rank);
  return [view.type(0)];
};

const unary = [
  ...["Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Celu", "Clip", "Cos"],
  ...[
    "Cosh",
    "CumSum",
    "Elu",
    "Erf",
    "Exp",
    "Floor",
    "HardSigmoid",
    "Identity",
    "LeakyRelu",
    "Log",
  ],
  ...["Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin"],
  ...["Sinh", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh", "ThresholdedRelu"],
];

export const elementwiseRules: RuleTable = {
  ...forEach(unary, sameAsInput),
  ...forEach(["Softmax", "LogSoftmax", "Hardmax"], alongAxis),
  HardSwish: { 14: sameAsInput },
  Mish: { 18: sameAsInput },
  BitwiseNot: { 18: sameAsInput },
  Gelu: { 20: sameAsInput },
  Swish: { 24: sameAsInput },
  ...Object.fromEntries(
    ["Add", "Sub", "Mul", "Div"].map((operator) => [
      operator,
      { 1: stretchedNumbers, 7: arithmetic },
    ]),
  ),
  Pow: { 1: stretchedNumbers, 7: typeOfFirst },
  ...forEach(["Max", "Min", "Sum", "Mean"], arithmetic),
  ...forEach(["Mod", "BitwiseAnd", "BitwiseOr", "BitwiseXor"], arithmetic),
  BitShift: { 11: arithmetic },
  ...Object.fromEntries(
    ["And", "Or", "Xor", "Equal", "Greater", "Less"].map((operator) => [
      operator,
      { 1: stretchedFlags, 7: comparison },
    ]),
  ),
  ...forEach(["GreaterOrEqual", "LessOrEqual"], comparison, 12),
  ...forEach(["IsNaN", "IsInf"], predicate),
  Where: { 9: where },
  // Before operator set 7 the slope was one value a channel.
  PRelu: { 1: sameAsInput, 7: parametricRelu },
  Cast: { 1: castByName, 6: cast },
  CastLike: { 15: castLike },
  // The mask was of the data's type until operator set 10.
  Dropout: { 1: dropout((view) => view.dtype(0)), 10: dropout(() => "bool") },
};
