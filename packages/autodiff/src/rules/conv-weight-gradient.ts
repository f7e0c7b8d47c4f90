import type { Shape } from "@engraft/onnx";
import type { RuleContext } from "../context.js";
import { UnsupportedForm } from "../errors.js";
import { type WeightGradientForm, weightGradientForm } from "./conv-cost.js";
import { padWithZeros, range } from "./layout.js";
import { isAll, spatialSizes, type Window } from "./window.js";

/** Two tensors whose correlation over a sliding window is the gradient of a convolution's weights. */
export interface Correlation {
  /** [batch, input channels, spatial...], over which the window slides. */
  readonly data: string;
  /** The forward value that has the shape of the data. */
  readonly like: string;
  /** [batch, output channels, positions...], one weight for each position of the window. */
  readonly gradient: string;
  /** The forward value that has the shape of the gradient. */
  readonly of: string;
  readonly window: Window;
  readonly group: number;
}

/** dW[m, n, tap] = Σ over batch and positions of gradient[m, position] · data[n, position at tap]. */
export function convWeightGradient(c: RuleContext, correlation: Correlation): string {
  const { window, group, of } = correlation;
  const sizes = { weights: c.staticShape(c.input(1)), window, group, output: spatialSizes(c, of) };
  return forms[weightGradientForm(sizes)](c, correlation);
}

const forms: Readonly<Record<WeightGradientForm, (c: RuleContext, q: Correlation) => string>> = {
  taps,
  columns,
  swapped,
};

/** A product of matrices for each tap: [batch, M, positions] · [batch, positions, N]. */
function taps(c: RuleContext, q: Correlation): string {
  const gradient = c.op("Reshape", [q.gradient, c.ints([0, channelsOf(c, q.of), -1])]);
  const products = windowSlices(c, q, q.data).map((slice) => {
    const rows = c.op("Reshape", [slice, c.ints([0, channelsOf(c, q.like), -1])]);
    const columns = c.op("Transpose", [rows], { perm: [0, 2, 1] });
    const product = c.op("MatMul", [gradient, columns]);
    return c.op("ReduceSum", [product, c.ints([0])], { keepdims: 0 });
  });
  const last = products.map((product) => c.op("Unsqueeze", [product, c.ints([2])]));
  const joined = last.length === 1 ? last[0]! : c.op("Concat", last, { axis: 2 });
  return c.reshapeLike(joined, c.input(1));
}

/** One product over batch and positions together: [M, batch · positions] · [taps · N, the same]ᵀ. */
function columns(c: RuleContext, q: Correlation): string {
  const swap = { perm: [1, 0, ...range(2, c.rank(q.like))] };
  const [outputs, inputs] = [channelsOf(c, q.of), channelsOf(c, q.like)];
  const byChannel = c.op("Transpose", [q.gradient], swap);
  const gradient = c.op("Reshape", [byChannel, c.ints([outputs, -1])]);
  const slices = windowSlices(c, q, c.op("Transpose", [q.data], swap)).map((slice) =>
    c.op("Reshape", [slice, c.ints([inputs, -1])]),
  );
  const matrix = slices.length === 1 ? slices[0]! : c.op("Concat", slices, { axis: 0 });
  const product = c.op("Gemm", [gradient, matrix], { transB: 1 });
  if (slices.length === 1) return c.reshapeLike(product, c.input(1));
  const byTap = c.op("Reshape", [product, c.ints([outputs, slices.length, inputs])]);
  return c.reshapeLike(c.op("Transpose", [byTap], { perm: [0, 2, 1] }), c.input(1));
}

/** What each tap of the kernel sees of the data at all positions. */
function windowSlices(c: RuleContext, q: Correlation, data: string): string[] {
  const { window } = q;
  const { kernel, strides, dilations, begins, ends } = window;
  const counts = spatialSizes(c, q.of)!;
  const axes = range(2, 2 + kernel.length);
  if (isAll(kernel, 1) && isAll(strides, 1) && isAll([...begins, ...ends], 0)) return [data];
  const padded = padWithZeros(c, data, axes, begins, ends);
  return tapsOf(kernel).map((tap) => {
    const starts = tap.map((offset, axis) => offset * dilations[axis]!);
    const stops = starts.map((start, axis) => start + (counts[axis]! - 1) * strides[axis]! + 1);
    return c.op("Slice", [padded, ...[starts, stops, axes, strides].map((list) => c.ints(list))]);
  });
}

/** All positions of a kernel, the last axis fastest. */
function tapsOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (taps, size) => taps.flatMap((tap) => range(0, size).map((offset) => [...tap, offset])),
    [[]],
  );
}

/**
 * A convolution with the gradient as its kernels, in which batch and channels have changed places:
 * [N, G · M, taps...] with strides and dilations swapped.
 */
function swapped(c: RuleContext, q: Correlation): string {
  const { window, group } = q;
  const swap = { perm: [1, 0, ...range(2, c.rank(q.like))] };
  const data = group === 1 ? c.op("Transpose", [q.data], swap) : groupsToBatch(c, q);
  const product = c.op("Conv", [data, c.op("Transpose", [q.gradient], swap)], {
    strides: window.dilations,
    dilations: window.strides,
    pads: [...window.begins, ...window.ends],
    group,
  });
  return c.op("Transpose", [cropToKernel(c, product, q)], swap);
}

/** From [batch, G · N, spatial...] to [N, G · batch, spatial...]. */
function groupsToBatch(c: RuleContext, q: Correlation): string {
  const spatial = spatialSizes(c, q.like);
  const rank = c.rank(q.like);
  const inputs = channelsOf(c, q.like) / q.group;
  const sizes = (first: readonly number[]) =>
    spatial === undefined
      ? c.op("Concat", [c.ints(first), c.op("Shape", [q.data], { start: 2 })], { axis: 0 })
      : c.ints([...first, ...spatial]);
  const split = c.op("Reshape", [q.data, sizes([0, q.group, inputs])]);
  const moved = c.op("Transpose", [split], { perm: [2, 1, 0, ...range(3, rank + 1)] });
  return c.op("Reshape", [moved, sizes([inputs, -1])]);
}

/** Data behind the last window makes more taps than the kernel has. */
function cropToKernel(c: RuleContext, product: string, q: Correlation): string {
  const { window } = q;
  const sizes = spatialSizes(c, q.like);
  const counts = spatialSizes(c, q.of);
  const isExact = sizes?.every((size, axis) => {
    const padded = size + window.begins[axis]! + window.ends[axis]!;
    const reach = ((counts?.[axis] ?? 0) - 1) * window.strides[axis]! + 1;
    return Math.floor((padded - reach) / window.dilations[axis]!) + 1 === window.kernel[axis];
  });
  if (isExact || (sizes === undefined && isAll(window.strides, 1) && isAll(window.dilations, 1)))
    return product;
  const axes = range(2, 2 + window.kernel.length);
  const lists = [axes.map(() => 0), window.kernel, axes];
  return c.op("Slice", [product, ...lists.map((list) => c.ints(list))]);
}

function channelsOf(c: RuleContext, value: string): number {
  const shape: Shape | undefined = c.shape(value);
  const channels = shape?.[1];
  if (typeof channels === "number") return channels;
  throw new UnsupportedForm(`the number of channels of "${value}" is not known`);
}
