import { type Dim, type NumericDataType, type Shape, tensorOf } from "@engraft/onnx";
import type { RuleContext } from "./context.js";

/**
 * Sums a gradient back to the shape of a value that was broadcast to the gradient's shape. Which axes
 * those are is decided here where the shapes tell, and at run time where they do not.
 */
export function sumToShape(
  context: RuleContext,
  gradient: string,
  gradientShape: Shape | undefined,
  value: string,
): string {
  const valueShape = context.shape(value);
  const axes =
    gradientShape && valueShape && broadcastAxes(gradientShape, valueShape, gradientShape.length);
  if (axes === undefined) return sumAtRunTime(context, gradient, value);
  if (axes.length === 0) return gradient;
  const added = gradientShape!.length - valueShape!.length;
  const onlyAdded = axes.length === added;
  if (onlyAdded && valueShape!.length === 1) return sumOfRows(context, gradient, gradientShape!);
  const sum = context.op("ReduceSum", [gradient, context.ints(axes)], {
    keepdims: onlyAdded ? 0 : 1,
  });
  return onlyAdded || added === 0 ? sum : context.reshapeLike(sum, value);
}

/**
 * The sum over all axes but the last, as for a bias, as a product with a row of ones: on the CPU that
 * takes a third of the time of ReduceSum.
 */
function sumOfRows(context: RuleContext, gradient: string, shape: Shape): string {
  const rows = context.op("Flatten", [gradient], { axis: shape.length - 1 });
  const count = context.op("Shape", [rows], { start: 0, end: 1 });
  const size = context.op("Concat", [context.ints([1]), count], { axis: 0 });
  const one = tensorOf(context.dtype(context.output()) as NumericDataType, [1], [1]);
  const sum = context.op("MatMul", [context.op("ConstantOfShape", [size], { value: one }), rows]);
  return context.op("Reshape", [sum, context.ints([-1])]);
}

/** Axes of the gradient to sum over; `undefined` where sizes that have only names differ. */
function broadcastAxes(gradient: Shape, value: Shape, rank: number): number[] | undefined {
  const added = rank - value.length;
  const axes = Array.from({ length: added }, (_, axis) => axis);
  for (let axis = added; axis < rank; axis++) {
    const wide: Dim = gradient[axis]!;
    const own: Dim = value[axis - added]!;
    if (own === 1 && wide === 1) continue;
    if (own === 1) axes.push(axis);
    else if (own === null || own !== wide) {
      // A size other than 1 was not broadcast, whatever the gradient's size is called.
      if (typeof own !== "number") return undefined;
    }
  }
  return axes;
}

/** The axes are those where the value's size, padded with ones on the left, is 1. */
function sumAtRunTime(context: RuleContext, gradient: string, value: string): string {
  const sizes = context.sizes(value);
  const wide = context.op("Shape", [gradient]);
  const added = context.op("Sub", [context.op("Shape", [wide]), context.op("Shape", [sizes])]);
  const ones = context.op("Expand", [context.ints([1]), added]);
  const padded = context.op("Concat", [ones, sizes], { axis: 0 });
  const isBroadcast = context.op("And", [
    context.op("Equal", [padded, context.ints([1])]),
    context.op("Not", [context.op("Equal", [wide, context.ints([1])])]),
  ]);
  const axes = context.op("Squeeze", [context.op("NonZero", [isBroadcast]), context.ints([0])]);
  // Without noop_with_empty_axes, no axes would mean all axes.
  const sum = context.op("ReduceSum", [gradient, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  return context.op("Reshape", [sum, sizes]);
}
