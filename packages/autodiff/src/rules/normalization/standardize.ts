import { elementCount, float } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";

/** Values in standard units: x̂ = (x − mean) / √(variance + ε) over some axes. */
export interface Standardized {
  readonly value: string;
  /** 1 / √(variance + ε), with the axes kept as size 1. */
  readonly inverseDeviation: string;
}

/** The mean over some axes, which are kept as size 1. */
function meanOver(c: RuleContext, value: string, axes: readonly number[]): string {
  return c.op("ReduceMean", [value, c.ints(axes)], { keepdims: 1 });
}

/** Brings values to mean 0 and variance 1 over some axes. */
export function standardize(
  c: RuleContext,
  value: string,
  axes: readonly number[],
  epsilon: number,
): Standardized {
  return scaleToOne(c, c.op("Sub", [value, meanOver(c, value, axes)]), axes, epsilon);
}

/** Divides values by their root mean square over some axes. */
export function scaleToOne(
  c: RuleContext,
  value: string,
  axes: readonly number[],
  epsilon: number,
): Standardized {
  const meanSquare = meanOver(c, c.op("Mul", [value, value]), axes);
  const deviation = c.op("Sqrt", [c.op("Add", [meanSquare, c.scalar(epsilon)])]);
  const inverseDeviation = c.op("Reciprocal", [deviation]);
  return { value: c.op("Mul", [value, inverseDeviation]), inverseDeviation };
}

/**
 * The same as {@link standardize} over the last axes in one node, where ONNX Runtime's
 * LayerNormalization can: in float32, over sizes that are known.
 */
export function standardizeLastAxes(
  c: RuleContext,
  value: string,
  axes: readonly number[],
  epsilon: number,
): Standardized {
  const sizes = axes.map((axis) => c.shape(value)?.[axis]);
  const isStatic = sizes.every((size) => typeof size === "number");
  if (!isStatic || c.dtype(value) !== "float32") return standardize(c, value, axes, epsilon);
  const ones = c.floats(new Array<number>(elementCount(sizes)).fill(1), sizes);
  const attributes = { axis: axes[0]!, epsilon: float(epsilon) };
  const outputs = c.builder.ops("LayerNormalization", [value, ones], 3, attributes);
  return { value: outputs[0]!, inverseDeviation: outputs[2]! };
}

/**
 * The gradient by x of x̂, given the gradient by x̂:
 * dx = (dx̂ − mean(dx̂) − x̂ mean(dx̂ x̂)) / √(variance + ε)
 */
export function standardizedGradient(
  c: RuleContext,
  gradient: string,
  standard: Standardized,
  axes: readonly number[],
): string {
  const centred = c.op("Sub", [gradient, meanOver(c, gradient, axes)]);
  return scaledToOneGradient(c, gradient, standard, axes, centred);
}

/** As {@link standardizedGradient} for values whose mean was left alone: no mean is taken off. */
export function scaledToOneGradient(
  c: RuleContext,
  gradient: string,
  { value, inverseDeviation }: Standardized,
  axes: readonly number[],
  from: string = gradient,
): string {
  const share = meanOver(c, c.op("Mul", [gradient, value]), axes);
  const rest = c.op("Sub", [from, c.op("Mul", [value, share])]);
  return c.op("Mul", [rest, inverseDeviation]);
}
