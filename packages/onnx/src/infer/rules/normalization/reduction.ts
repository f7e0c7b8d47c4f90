import { intAttribute, stringAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape } from "../../../ir/graph.js";
import type { Rule, RuleTable } from "../../rule.js";
import { forEach } from "../../rule.js";
import type { NodeView } from "../../view.js";

/** Operators that fold axes away: reductions, arg-reductions and losses. */

/** Operator set from which `axes` is an input. */
export function axesInputSince(opType: string): number {
  return opType === "ReduceSum" ? 13 : 18;
}

/** Axes that a reduction folds; `undefined` while they are not known. */
export function reducedAxes(view: NodeView, rank: number): readonly number[] | undefined {
  const axes = view.list("axes", 1, axesInputSince(view.node.opType));
  if (axes === undefined) return undefined;
  if (axes !== "absent" && axes.length > 0) return view.axes(axes, rank);
  const keepsAll = intAttribute(view.node, "noop_with_empty_axes", 0) === 1;
  return keepsAll ? [] : [...new Array(rank).keys()];
}

function withoutAxes(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  const reduced = shape.map((dim, axis): Dim => (axes.includes(axis) ? 1 : dim));
  return keep ? reduced : reduced.filter((_, axis) => !axes.includes(axis));
}

const reduce: Rule = (view) => {
  const dtype = view.dtype(0);
  const shape = view.shape(0);
  const keep = intAttribute(view.node, "keepdims", 1) === 1;
  const axes = shape && reducedAxes(view, shape.length);
  if (axes === undefined) {
    return [dtype && { dtype, shape: keep ? shape?.map(() => null) : undefined }];
  }
  return [dtype && { dtype, shape: withoutAxes(shape!, axes, keep) }];
};

const argReduce: Rule = (view) => {
  const shape = view.shape(0);
  if (shape === undefined) return [{ dtype: "int64", shape: undefined }];
  const axis = view.axis(intAttribute(view.node, "axis", 0), shape.length);
  const keep = intAttribute(view.node, "keepdims", 1) === 1;
  return [{ dtype: "int64", shape: withoutAxes(shape, [axis], keep) }];
};

/** Scores [batch, classes, ...] against labels [batch, ...]. */
const loss: Rule = (view) => {
  const dtype = view.dtype(0);
  const scores = view.requireRank(0, 2, Number.POSITIVE_INFINITY);
  const labels = scores && [scores[0]!, ...scores.slice(2)];
  if (labels !== undefined) view.requireShape(1, labels);
  const reduced = stringAttribute(view.node, "reduction", "mean") !== "none";
  return dtype === undefined
    ? []
    : [
        { dtype, shape: reduced ? [] : labels },
        { dtype, shape: scores },
      ];
};

export const reductionRules: RuleTable = {
  ...forEach(
    [
      ...["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean"],
      ...["ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"],
    ],
    reduce,
  ),
  ...forEach(["ArgMax", "ArgMin"], argReduce),
  ...forEach(["SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"], loss, 12),
};
