import { intAttribute } from "../../../ir/attributes.js";
import type { Shape, TensorType } from "../../../ir/graph.js";
import { formatShape } from "../../dims.js";
import type { Rule, RuleTable } from "../../rule.js";
import { forEach, sameAsInput } from "../../rule.js";
import { reshaped } from "./reshaped.js";

/** Operators that pick elements by index, or compute indices. */

const gather = reshaped((view) => {
  const data = view.requireRank(0, 1, Number.POSITIVE_INFINITY);
  const indices = view.shape(1);
  if (data === undefined || indices === undefined) return undefined;
  const axis = view.axis(intAttribute(view.node, "axis", 0), data.length);
  return [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
});

const gatherElements = reshaped((view) => {
  const data = view.shape(0);
  const indices = view.shape(1);
  if (data !== undefined && indices !== undefined && data.length !== indices.length) {
    view.reject(`indices of rank ${data.length}`, formatShape(indices));
  }
  return indices;
});

const gatherND = reshaped((view) => {
  const data = view.shape(0);
  const indices = view.shape(1);
  const depth = indices?.at(-1);
  if (data === undefined || indices === undefined || typeof depth !== "number") return undefined;
  const used = intAttribute(view.node, "batch_dims", 0) + depth;
  if (used > data.length)
    view.reject(`indices of at most ${data.length} axes`, formatShape(indices));
  return [...indices.slice(0, -1), ...data.slice(used)];
});

/** Updates must have the shape of the indices. */
const scatterElements: Rule = (view) => {
  const indices = view.shape(1);
  if (indices !== undefined) view.requireShape(2, indices);
  return [view.type(0)];
};

const topK: Rule = (view) => {
  const type = view.type(0);
  const shape = type?.shape;
  const [count = null] =
    view.opset < 10 ? [intAttribute(view.node, "k")] : (view.elements(1) ?? []);
  const axis = shape && view.axis(intAttribute(view.node, "axis", -1), shape.length);
  const kept = axis === undefined ? undefined : shape!.with(axis, count);
  const size = axis === undefined ? null : shape![axis]!;
  if (typeof count === "number" && typeof size === "number" && count > size) {
    view.reject(`at most ${size} elements to keep`, `${count}`);
  }
  return [type && { dtype: type.dtype, shape: kept }, { dtype: "int64", shape: kept }];
};

const oneHot: Rule = (view) => {
  const dtype = view.dtype(2);
  const indices = view.shape(0);
  if (indices === undefined) return [dtype && { dtype, shape: undefined }];
  const rank = indices.length + 1;
  const axis = view.axis(intAttribute(view.node, "axis", -1), rank);
  const depth = view.elements(1)?.[0] ?? null;
  return [dtype && { dtype, shape: indices.toSpliced(axis, 0, depth) }];
};

/** How many elements there are is only known when the model runs. */
const nonZero: Rule = (view) => {
  const rank = view.shape(0)?.length;
  return [{ dtype: "int64", shape: [rank || null, null] }];
};

const compress = reshaped((view) => {
  const axis = intAttribute(view.node, "axis");
  const shape = view.shape(0);
  return axis === undefined ? [null] : shape?.with(view.axis(axis, shape.length), null);
});

const unique: Rule = (view) => {
  const dtype = view.dtype(0);
  const shape = view.shape(0);
  const axis = intAttribute(view.node, "axis");
  const kept: Shape | undefined =
    axis === undefined ? [null] : shape?.with(view.axis(axis, shape.length), null);
  const listed: TensorType = { dtype: "int64", shape: [null] };
  return [dtype && { dtype, shape: kept }, listed, listed, listed];
};

export const indexingRules: RuleTable = {
  Gather: { 1: gather },
  GatherElements: { 11: gatherElements },
  GatherND: { 11: gatherND },
  ...forEach(["Scatter", "ScatterElements"], scatterElements),
  ScatterND: { 11: sameAsInput },
  TopK: { 1: topK },
  OneHot: { 9: oneHot },
  NonZero: { 9: nonZero },
  Compress: { 9: compress },
  Unique: { 11: unique },
};
