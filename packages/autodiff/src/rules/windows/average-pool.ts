import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { matrixOf, multiplyTransposed, range } from "../shapes/layout.js";
import { cropToSizes, spatialSizes, type Window, windowAttributes, windowOf } from "./window.js";

/**
 * Averaging is a matrix along each spatial axis, and the gradient is multiplied by their transposes.
 * Where sizes are only named, every window gives its share back by a transposed convolution.
 */
export function averagePoolGradient(c: RuleContext): string[] {
  const window = windowOf(c);
  const sizes = spatialSizes(c, c.input(0));
  if (sizes === undefined) return [bySize(c, window)];
  const counts = spatialSizes(c, c.output())!;
  const rank = c.rank(c.input(0));
  let gradient = c.gradient();
  for (const [axis, size] of sizes.entries()) {
    const matrix = matrixOf(c, averages(c, window, axis, size, counts[axis]!));
    gradient = multiplyTransposed(c, gradient, axis + 2, rank, matrix);
  }
  return [gradient];
}

/** The mean of each window along one axis, as a matrix with a row for each window. */
function averages(
  c: RuleContext,
  window: Window,
  axis: number,
  size: number,
  count: number,
): number[][] {
  const [kernel, stride, dilation] = [window.kernel, window.strides, window.dilations].map(
    (values) => values[axis]!,
  ) as [number, number, number];
  const countsPadding = intAttribute(c.node, "count_include_pad", 0) === 1;
  const padded = size + window.ends[axis]!;
  return range(0, count).map((at) => {
    const start = at * stride - window.begins[axis]!;
    const taps = range(0, kernel).map((tap) => start + tap * dilation);
    const isInside = (tap: number) => tap >= 0 && tap < size;
    // What hangs over the padding (ceil_mode) never counts.
    const counted = taps.filter((tap) => (countsPadding ? tap < padded : isInside(tap)));
    const row = new Array<number>(size).fill(0);
    for (const tap of taps.filter(isInside)) row[tap] = 1 / counted.length;
    return row;
  });
}

function bySize(c: RuleContext, window: Window): string {
  if (intAttribute(c.node, "ceil_mode", 0) === 1) {
    throw new UnsupportedForm("ceil_mode needs spatial sizes that are known");
  }
  const total = window.kernel.reduce((product, size) => product * size, 1);
  const isPadded = [...window.begins, ...window.ends].some((amount) => amount !== 0);
  const countsPadding = !isPadded || intAttribute(c.node, "count_include_pad", 0) === 1;
  const count = countsPadding ? c.scalar(total) : insideCounts(c, window, total);
  return transposedWindowSum(c, c.op("Div", [c.gradient(), count]), window);
}

/** How many elements of each window are inside: a pool over ones, padding counted as zeros. */
function insideCounts(c: RuleContext, window: Window, total: number): string {
  const sizes = c.op("Shape", [c.input(0)], { start: 2 });
  const shape = c.op("Concat", [c.ints([1, 1]), sizes], { axis: 0 });
  const ones = c.op("Expand", [c.scalar(1), shape]);
  const share = c.op("AveragePool", [ones], {
    ...windowAttributes(window),
    kernel_shape: window.kernel,
    count_include_pad: 1,
  });
  return c.op("Mul", [share, c.scalar(total)]);
}

/** Adds the value of every window to all elements of the node's first input that it covers. */
export function transposedWindowSum(c: RuleContext, value: string, window: Window): string {
  const x = c.input(0);
  // Each channel on its own: they move to the batch.
  const single = c.op("Reshape", [value, mergedChannels(c, c.output())]);
  const ones = c.op("Expand", [c.scalar(1), c.ints([1, 1, ...window.kernel])]);
  // Elements behind the last window are made by the extra output, and what is too much is cut off.
  const sum = c.op("ConvTranspose", [single, ones], {
    ...windowAttributes(window),
    output_padding: window.strides.map((stride) => stride - 1),
  });
  return c.reshapeLike(cropToSizes(c, sum, x), x);
}

function mergedChannels(c: RuleContext, value: string): string {
  const sizes = c.op("Shape", [value], { start: 2 });
  return c.op("Concat", [c.ints([-1, 1]), sizes], { axis: 0 });
}
