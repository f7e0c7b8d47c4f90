import {
  intAttribute,
  intsAttribute,
  type NumericDataType,
  stringAttribute,
  tensorOf,
} from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { broadcasting, type GradientTable, rule } from "../../rule.js";
import { inversePermutation, positiveAxis, range, sizesAround } from "./layout.js";
import { padGradient } from "./pad.js";
import { sliceGradient } from "./slice.js";

/** Operators that move elements and change none of them. The gradient moves back. */
export const movementGradients: GradientTable = {
  Reshape: rule(reshapeBack),
  Flatten: rule(reshapeBack),
  Squeeze: rule(reshapeBack),
  Unsqueeze: rule(reshapeBack),

  Transpose: rule((c) => {
    const perm = intsAttribute(c.node, "perm") ?? range(0, c.rank(c.input(0))).reverse();
    return [c.op("Transpose", [c.gradient()], { perm: inversePermutation(perm) })];
  }),

  // The driver sums over what was expanded.
  Expand: broadcasting((c) => [c.gradient()]),

  // Every element was copied r times: with each axis split into [r, d], sum over the r.
  Tile: rule((c) => {
    const repeats = c.op("Unsqueeze", [c.input(1), c.ints([1])]);
    const sizes = c.op("Unsqueeze", [c.sizes(c.input(0)), c.ints([1])]);
    const pairs = c.op("Concat", [repeats, sizes], { axis: 1 });
    const split = c.op("Reshape", [c.gradient(), c.op("Reshape", [pairs, c.ints([-1])])]);
    const axes = range(0, c.rank(c.input(0))).map((axis) => 2 * axis);
    return [c.op("ReduceSum", [split, c.ints(axes)], { keepdims: 0 })];
  }),

  Concat: rule((c) => {
    const axis = positiveAxis(intAttribute(c.node, "axis", 0), c.rank(c.output()));
    const count = c.node.inputs.length;
    if (count === 1) return [c.gradient()];
    return c.builder.ops("Split", [c.gradient(), sizesAlong(c, axis)], count, { axis });
  }),

  Split: rule((c) => {
    const axis = positiveAxis(intAttribute(c.node, "axis", 0), c.rank(c.input(0)));
    const parts = c.node.outputs.map((output, index) =>
      output === "" ? zerosOfPart(c, index, axis) : c.gradient(index),
    );
    return [c.op("Concat", parts, { axis })];
  }),

  // [b, b, C] channels are the blocks in DCR mode, [C, b, b] in CRD mode.
  DepthToSpace: rule((c) => {
    const blocksize = intAttribute(c.node, "blocksize", 1);
    const blocks = c.op("SpaceToDepth", [c.gradient()], { blocksize });
    if (stringAttribute(c.node, "mode", "DCR") === "DCR") return [blocks];
    const channels = c.shape(c.output())?.[1];
    if (typeof channels !== "number") throw new UnsupportedForm("the channel count is not known");
    const split = c.op("Reshape", [blocks, c.ints([0, blocksize ** 2, channels, -1])]);
    return [c.reshapeLike(c.op("Transpose", [split], { perm: [0, 2, 1, 3] }), c.input(0))];
  }),

  SpaceToDepth: rule((c) => {
    const blocksize = intAttribute(c.node, "blocksize", 1);
    return [c.op("DepthToSpace", [c.gradient()], { blocksize })];
  }),

  // Reversing twice changes nothing.
  ReverseSequence: rule((c) => {
    const axes = {
      batch_axis: intAttribute(c.node, "batch_axis", 1),
      time_axis: intAttribute(c.node, "time_axis", 0),
    };
    return [c.op("ReverseSequence", [c.gradient(), c.input(1)], axes)];
  }),

  Slice: rule(sliceGradient),
  Pad: rule(padGradient),
};

function reshapeBack(c: RuleContext): string[] {
  return [c.reshapeLike(c.gradient(), c.input(0))];
}

/** Zeros for a part of a `Split` that has no name, and so no type. */
function zerosOfPart(c: RuleContext, index: number, axis: number): string {
  const size = c.shape(c.input(0))?.[axis];
  if (!c.has(1) && typeof size !== "number") {
    throw new UnsupportedForm(`the size of axis ${axis} is not known`);
  }
  const part = Math.ceil(Number(size) / c.node.outputs.length);
  const own = c.has(1)
    ? c.op("Slice", [c.input(1), c.ints([index]), c.ints([index + 1])])
    : Math.max(0, Math.min(part, Number(size) - index * part));
  const zero = tensorOf(c.dtype(c.input(0)) as NumericDataType, [1], [0]);
  return c.op("ConstantOfShape", [sizesAround(c, c.input(0), axis, own)], { value: zero });
}

/** Sizes of all inputs along one axis, as an int64 vector. */
function sizesAlong(c: RuleContext, axis: number): string {
  const sizes = c.node.inputs.map((input) => c.shape(input)?.[axis]);
  if (sizes.every((size) => typeof size === "number")) return c.ints(sizes);
  const parts = c.node.inputs.map((input) =>
    c.op("Shape", [input], { start: axis, end: axis + 1 }),
  );
  return c.op("Concat", parts, { axis: 0 });
}
