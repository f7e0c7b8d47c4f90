import { intAttribute, intsAttribute, tensorAttribute } from "../../../ir/attributes.js";
import type { Dim } from "../../../ir/graph.js";
import { constantTensor } from "../../evaluate/creation.js";
import type { Rule, RuleTable } from "../../rule.js";
import { forEach, typed } from "../../rule.js";
import type { NodeView } from "../../view.js";

/** Operators that read shapes, and that make tensors from a shape or from nothing. */

/** The axes whose sizes a `Shape` node returns (`start` and `end` exist since operator set 15). */
export function shapeRange(view: NodeView, rank: number): readonly [number, number] {
  const clamp = (axis: number) => Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
  const start = clamp(intAttribute(view.node, "start", 0));
  return [start, Math.max(start, clamp(intAttribute(view.node, "end", rank)))];
}

const shape: Rule = (view) => {
  const rank = view.shape(0)?.length;
  if (rank === undefined) return [{ dtype: "int64", shape: [null] }];
  const [start, end] = shapeRange(view, rank);
  return [{ dtype: "int64", shape: [end - start] }];
};

const size: Rule = () => [{ dtype: "int64", shape: [] }];

const constant: Rule = (view) => {
  const tensor = constantTensor(view.node);
  return [tensor && { dtype: tensor.dtype, shape: tensor.dims }];
};

const constantOfShape: Rule = (view) => [
  {
    dtype: tensorAttribute(view.node, "value")?.dtype ?? "float32",
    shape: view.elements(0),
  },
];

const range: Rule = (view) => {
  const dtype = view.sameDtype([0, 1, 2]);
  const [start, limit, delta] = [0, 1, 2].map((index) => view.elements(index)?.[0] ?? null);
  return [dtype && { dtype, shape: [rangeLength(start!, limit!, delta!)] }];
};

function rangeLength(start: Dim, limit: Dim, delta: Dim): Dim {
  if (typeof start === "number" && typeof limit === "number" && typeof delta === "number") {
    return Math.max(0, Math.ceil((limit - start) / delta));
  }
  return start === 0 && delta === 1 ? limit : null;
}

const eyeLike: Rule = (view) => [typed(view.dtypeAttribute("dtype", view.dtype(0)), view.shape(0))];

/** A random tensor with a shape and element type of its own. */
const random: Rule = (view) => [
  typed(view.dtypeAttribute("dtype", "float32"), intsAttribute(view.node, "shape")),
];

const multinomial: Rule = (view) => [
  typed(view.dtypeAttribute("dtype", "int32"), [
    view.shape(0)?.[0] ?? null,
    intAttribute(view.node, "sample_size", 1),
  ]),
];

export const shapeRules: RuleTable = {
  Shape: { 1: shape },
  Size: { 1: size },
  Constant: { 1: constant },
  ConstantOfShape: { 9: constantOfShape },
  Range: { 11: range },
  ...forEach(["EyeLike", "RandomNormalLike", "RandomUniformLike", "Bernoulli"], eyeLike),
  ...forEach(["RandomNormal", "RandomUniform"], random),
  Multinomial: { 7: multinomial },
};
