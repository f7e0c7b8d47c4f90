import type { RuleContext } from "../../context.js";
import { range } from "../shapes/layout.js";
import { isAll, tapCount, type Window, windowAttributes } from "./window.js";

/** In which order the taps of a channel follow one another. */
export type TapOrder = "forward" | "backward";

/**
 * What every window sees, as columns: [batch, channels · taps, positions]. A convolution with one
 * kernel for each tap that is 1 there and 0 elsewhere copies faster than slices would, pads on the
 * way, and needs no spatial size.
 *
 * @param value - [batch, channels, spatial...]
 */
export function unfold(c: RuleContext, value: string, channels: number, window: Window): string {
  const taps = tapCount(window);
  const columns = isWhole(window) ? value : tapConvolution(c, value, channels, window);
  return c.op("Reshape", [columns, c.ints([0, channels * taps, -1])]);
}

/**
 * The same for the whole batch as one long matrix: [channels · taps, batch · positions]. The batch is
 * one more spatial axis of the convolution, which then writes the columns in this order; to bring them
 * into it afterwards would move as many numbers for each tap.
 *
 * @param order - `backward` for the columns of the last tap first.
 */
export function unfoldBatch(
  c: RuleContext,
  value: string,
  channels: number,
  window: Window,
  order: TapOrder = "forward",
): string {
  const rows = channels * tapCount(window);
  if (isWhole(window)) return joinBatch(c, value, rows, window);
  const images = c.op("Unsqueeze", [batchSecond(c, value, window), c.ints([0])]);
  const columns = tapConvolution(c, images, channels, throughBatch(window), order);
  return c.op("Reshape", [columns, c.ints([rows, -1])]);
}

/** From [batch, rows, positions...] to [rows, batch · positions]: one long matrix. */
export function joinBatch(c: RuleContext, value: string, rows: number, window: Window): string {
  return c.op("Reshape", [batchSecond(c, value, window), c.ints([rows, -1])]);
}

function batchSecond(c: RuleContext, value: string, { kernel }: Window): string {
  return c.op("Transpose", [value], { perm: [1, 0, ...range(2, 2 + kernel.length)] });
}

/** The window with one more axis, along which it sees one element at a time. */
function throughBatch({ kernel, strides, dilations, begins, ends }: Window): Window {
  return {
    kernel: [1, ...kernel],
    strides: [1, ...strides],
    dilations: [1, ...dilations],
    begins: [0, ...begins],
    ends: [0, ...ends],
  };
}

/** Whether the windows are the elements themselves, one after the other. */
function isWhole(window: Window): boolean {
  const { kernel, strides, begins, ends } = window;
  return isAll([...kernel, ...strides], 1) && isAll([...begins, ...ends], 0);
}

function tapConvolution(
  c: RuleContext,
  value: string,
  channels: number,
  window: Window,
  order: TapOrder = "forward",
): string {
  const kernels = tapKernels(c, channels, window, order);
  return c.op("Conv", [value, kernels], { ...windowAttributes(window), group: channels });
}

/** The same one-hot kernels for each channel. */
function tapKernels(c: RuleContext, channels: number, window: Window, order: TapOrder): string {
  const taps = tapCount(window);
  const data = new Array<number>(channels * taps * taps).fill(0);
  for (const row of range(0, channels * taps)) {
    const tap = row % taps;
    data[row * taps + (order === "forward" ? tap : taps - 1 - tap)] = 1;
  }
  return c.floats(data, [channels * taps, 1, ...window.kernel]);
}
