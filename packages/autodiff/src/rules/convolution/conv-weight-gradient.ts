import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { range } from "../shapes/layout.js";
import { joinBatch, unfold, unfoldBatch } from "../windows/unfold.js";
import { isAll, restOf, spatialSizes, tapCount, type Window } from "../windows/window.js";
import { convolutionSizes, type WeightGradientForm, weightGradientForm } from "./conv-cost.js";

/** Two tensors whose correlation over a sliding window is the gradient of a convolution's weights. */
export interface Correlation {
  /** [batch, input channels, spatial...], over which the window slides. */
  readonly data: string;
  /** The forward value that has the shape of the data. */
  readonly like: string;
  /** [batch, output channels, positions...], a factor for each position of the window. */
  readonly gradient: string;
  /** The forward value that has the shape of the gradient. */
  readonly of: string;
  readonly window: Window;
  readonly group: number;
}

/** dW[m, n, tap] = Σ over batch and positions of gradient[m, position] · data[n, position at tap]. */
export function convWeightGradient(c: RuleContext, correlation: Correlation): string {
  const { like, of, window, group } = correlation;
  const form = weightGradientForm(convolutionSizes(c, like, of, window, group));
  return forms[form](c, correlation);
}

const forms: Readonly<Record<WeightGradientForm, (c: RuleContext, q: Correlation) => string>> = {
  product,
  joined,
  banded,
  byImage,
  swapped,
};

/**
 * [batch, group, m, positions] · [batch, group, n · taps, positions]ᵀ, summed over the batch. The
 * narrower of the two is on the right, where the product moves it once more; a single row is fastest on
 * the left.
 */
function product(c: RuleContext, q: Correlation): string {
  const { group } = q;
  const [outputs, inputs] = channelsOf(c, q);
  const width = inputs * tapCount(q.window);
  const unfolded = unfold(c, q.data, inputs * group, q.window);
  const split = (value: string, rows: number) =>
    c.op("Reshape", [value, c.ints(group === 1 ? [0, rows, -1] : [0, group, rows, -1])]);
  const gradient = split(q.gradient, outputs);
  const columns = group === 1 ? unfolded : split(unfolded, width);
  const turned = (matrices: string, rank: number) =>
    c.op("Transpose", [matrices], { perm: [...range(0, rank - 2), rank - 1, rank - 2] });
  const times = (left: string, right: string) => {
    const products = c.op("MatMul", [left, turned(right, group === 1 ? 3 : 4)]);
    return c.op("ReduceSum", [products, c.ints([0])], { keepdims: 0 });
  };
  const sum =
    outputs === 1 || width <= outputs
      ? times(gradient, columns)
      : turned(times(columns, gradient), group === 1 ? 2 : 3);
  return c.reshapeLike(sum, c.input(1));
}

/** [m, batch · positions] · [n · taps, batch · positions]ᵀ */
function joined(c: RuleContext, q: Correlation): string {
  const [outputs, inputs] = channelsOf(c, q);
  const gradient = joinBatch(c, q.gradient, outputs, q.window);
  const columns = unfoldBatch(c, q.data, inputs, q.window);
  return c.reshapeLike(c.op("Gemm", [gradient, columns], { transB: 1 }), c.input(1));
}

/**
 * For depthwise convolutions: of each channel, the products of every column of the data with every
 * column of the gradient, summed over batch and rows; each tap is a diagonal of them. Only the rows
 * are unfolded, which copies the data but once for each row of the kernel.
 */
function banded(c: RuleContext, q: Correlation): string {
  const { group, window } = q;
  const [outputs] = channelsOf(c, q);
  const rowTaps = tapCount(window) / window.kernel.at(-1)!;
  const [before, after] = [q.like, q.of].map((value) => spatialSizes(c, value)!.at(-1)!) as [
    number,
    number,
  ];
  const rows = unfoldBatch(c, q.data, group, alongRows(window));
  const data = c.op("Reshape", [rows, c.ints([group, 1, rowTaps, -1, before])]);
  const turned = c.op("Transpose", [data], { perm: [0, 1, 2, 4, 3] });
  const joined = joinBatch(c, q.gradient, group * outputs, window);
  const gradient = c.op("Reshape", [joined, c.ints([group, outputs, 1, -1, after])]);
  const products = c.op("MatMul", [turned, gradient]);
  const pairs = c.op("Reshape", [products, c.ints([-1, before * after])]);
  const taps = c.op("MatMul", [pairs, diagonals(c, window, before, after)]);
  return c.reshapeLike(taps, c.input(1));
}

/** The window with but one element along the last axis, where it sees them one after the other. */
function alongRows(window: Window): Window {
  const withLast = (values: readonly number[], value: number) => [...values.slice(0, -1), value];
  return {
    kernel: withLast(window.kernel, 1),
    strides: withLast(window.strides, 1),
    dilations: withLast(window.dilations, 1),
    begins: withLast(window.begins, 0),
    ends: withLast(window.ends, 0),
  };
}

/** [columns of the data · columns of the gradient, taps]: 1 where the tap brings the two together. */
function diagonals(c: RuleContext, window: Window, before: number, after: number): string {
  const last = window.kernel.length - 1;
  const taps = window.kernel[last]!;
  const data = new Array<number>(before * after * taps).fill(0);
  for (const tap of range(0, taps)) {
    for (const column of range(0, after)) {
      const from = column * window.strides[last]! - window.begins[last]!;
      const seen = from + tap * window.dilations[last]!;
      if (seen >= 0 && seen < before) data[(seen * after + column) * taps + tap] = 1;
    }
  }
  return c.floats(data, [before * after, taps]);
}

/**
 * For depthwise convolutions: each channel of each image on its own is convolved by its gradient,
 * [1, batch · group · m, taps...], and the images are summed.
 */
function byImage(c: RuleContext, q: Correlation): string {
  const batch = c.shape(q.like)?.[0] as number;
  const same = q.window.kernel.map(() => 0);
  const data = c.op("Reshape", [q.data, c.ints([1, -1, ...same])]);
  const kernels = c.op("Reshape", [q.gradient, c.ints([-1, 1, ...same])]);
  const taps = convolveByGradient(c, q, { data, kernels, group: batch * q.group });
  const images = c.op("Reshape", [taps, c.ints([batch, ...c.staticShape(c.input(1))!])]);
  return c.op("ReduceSum", [images, c.ints([0])], { keepdims: 0 });
}

/** For everything: a convolution by the gradient in which batch and channels have changed places. */
function swapped(c: RuleContext, q: Correlation): string {
  const swap = { perm: [1, 0, ...range(2, c.rank(q.like))] };
  const { group } = q;
  const channels = c.op("Transpose", [q.data], swap);
  const data = group === 1 ? channels : groupsToBatch(c, q, channels);
  const kernels = c.op("Transpose", [q.gradient], swap);
  return c.op("Transpose", [convolveByGradient(c, q, { data, kernels, group })], swap);
}

/** From [group · n, batch, spatial...] to [n, group · batch, spatial...]. */
function groupsToBatch(c: RuleContext, q: Correlation, channels: string): string {
  const [, inputs] = channelsOf(c, q);
  const same = q.window.kernel.map(() => 0);
  if (inputs === 1) return c.op("Reshape", [channels, c.ints([1, -1, ...same])]);
  const groups = c.op("Reshape", [channels, c.ints([q.group, inputs, -1])]);
  const moved = c.op("Transpose", [groups], { perm: [1, 0, 2] });
  const spatial = spatialSizes(c, q.like);
  const sizes =
    spatial === undefined
      ? c.op("Concat", [c.ints([inputs, -1]), c.op("Shape", [q.data], { start: 2 })], { axis: 0 })
      : c.ints([inputs, -1, ...spatial]);
  return c.op("Reshape", [moved, sizes]);
}

/** The positions of the kernels are the taps: strides and dilations change places. */
function convolveByGradient(
  c: RuleContext,
  { window, like, of }: Correlation,
  operands: { readonly data: string; readonly kernels: string; readonly group: number },
): string {
  const taps = c.op("Conv", [operands.data, operands.kernels], {
    strides: window.dilations,
    dilations: window.strides,
    pads: [...window.begins, ...window.ends],
    group: operands.group,
  });
  // Data behind the last window makes more taps than the kernel has.
  const [sizes, counts] = [spatialSizes(c, like), spatialSizes(c, of)];
  const rest = sizes && counts && restOf(window, sizes, counts);
  const isExact = rest?.every((size, axis) => size < window.dilations[axis]!);
  if (isExact ?? isAll(window.strides, 1)) return taps;
  const axes = range(2, 2 + window.kernel.length);
  const lists = [axes.map(() => 0), window.kernel, axes];
  return c.op("Slice", [taps, ...lists.map((list) => c.ints(list))]);
}

/** Output and input channels of one group. */
function channelsOf(c: RuleContext, { group }: Correlation): [number, number] {
  const [outputs, inputs] = c.shape(c.input(1)) ?? [];
  if (typeof outputs === "number" && typeof inputs === "number") return [outputs / group, inputs];
  throw new UnsupportedForm("the shape of its weights is not known");
}
