import { intsAttribute, stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";

/** How a convolution's or pool's window slides, one number for each spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/**
 * Reads the window attributes of the node.
 *
 * @param sizes - Kernel sizes where the node has no `kernel_shape`: those of the weights.
 * @throws UnsupportedForm where kernel or padding depend on sizes that are not known.
 */
export function windowOf(c: RuleContext, sizes: readonly unknown[] = []): Window {
  const kernel = intsAttribute(c.node, "kernel_shape") ?? sizes;
  if (!kernel.every((size) => typeof size === "number")) {
    throw new UnsupportedForm("the size of its kernel is not known");
  }
  const autoPad = stringAttribute(c.node, "auto_pad", "NOTSET");
  if (autoPad.startsWith("SAME")) {
    throw new UnsupportedForm(`its padding (${autoPad}) depends on sizes that are not known`);
  }
  const all = (value: number, count: number) => new Array<number>(count).fill(value);
  const rank = kernel.length;
  const pads = autoPad === "NOTSET" ? intsAttribute(c.node, "pads", all(0, 2 * rank)) : [];
  const padding = pads.length === 0 ? all(0, 2 * rank) : pads;
  return {
    kernel,
    strides: intsAttribute(c.node, "strides", all(1, rank)),
    dilations: intsAttribute(c.node, "dilations", all(1, rank)),
    begins: padding.slice(0, rank),
    ends: padding.slice(rank),
  };
}

/** The attributes that a convolution or pool with this window has. */
export function windowAttributes({ strides, dilations, begins, ends }: Window): {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
} {
  return { strides, dilations, pads: [...begins, ...ends] };
}

/** Whether every entry is a certain number. */
export function isAll(values: readonly number[], value: number): boolean {
  return values.every((entry) => entry === value);
}

/** Number of positions in the kernel. */
export function tapCount({ kernel }: Window): number {
  return kernel.reduce((product, size) => product * size, 1);
}

/** How far the kernel reaches from its first element to its last, dilation included. */
export function reachOf({ kernel, dilations }: Window): number[] {
  return kernel.map((size, axis) => dilations[axis]! * (size - 1));
}

/** How many elements behind the last window are in no window, for each axis. */
export function restOf(
  window: Window,
  sizes: readonly number[],
  counts: readonly number[],
): number[] {
  return reachOf(window).map((reach, axis) => {
    const padded = sizes[axis]! + window.begins[axis]! + window.ends[axis]!;
    return padded - reach - 1 - (counts[axis]! - 1) * window.strides[axis]!;
  });
}

/** Spatial sizes of a [batch, channels, spatial...] value; `undefined` where one is not known. */
export function spatialSizes(c: RuleContext, value: string): readonly number[] | undefined {
  const sizes = c.shape(value)?.slice(2);
  return sizes?.every((size) => typeof size === "number") ? (sizes as number[]) : undefined;
}

/** Cuts the spatial axes of a value to the sizes of a forward value. */
export function cropToSizes(c: RuleContext, value: string, like: string): string {
  const rank = c.rank(like) - 2;
  const sizes = spatialSizes(c, like);
  const ends = sizes === undefined ? c.op("Shape", [like], { start: 2 }) : c.ints(sizes);
  const starts = c.ints(new Array<number>(rank).fill(0));
  const axes = c.ints(Array.from({ length: rank }, (_, axis) => axis + 2));
  return c.op("Slice", [value, starts, ends, axes]);
}
