import type { RuleContext } from "../context.js";
import { range } from "./layout.js";
import { isAll, tapCount, type Window, windowAttributes } from "./window.js";

/**
 * What every window sees, as columns: [batch, channels · taps, positions]. A convolution with one
 * kernel for each tap that is 1 there and 0 elsewhere copies faster than slices would, pads on the
 * way, and needs no spatial size.
 *
 * @param value - [batch, channels, spatial...]
 */
export function unfold(c: RuleContext, value: string, channels: number, window: Window): string {
  const taps = tapCount(window);
  const columns = isWhole(window)
    ? value
    : c.op("Conv", [value, tapKernels(c, channels, window)], {
        ...windowAttributes(window),
        group: channels,
      });
  return c.op("Reshape", [columns, c.ints([0, channels * taps, -1])]);
}

/** Whether the windows are the elements themselves, one after the other. */
function isWhole(window: Window): boolean {
  const { kernel, strides, begins, ends } = window;
  return isAll([...kernel, ...strides], 1) && isAll([...begins, ...ends], 0);
}

/** The same one-hot kernels for each channel. */
function tapKernels(c: RuleContext, channels: number, window: Window): string {
  const taps = tapCount(window);
  const data = new Array<number>(channels * taps * taps).fill(0);
  for (const row of range(0, channels * taps)) data[row * taps + (row % taps)] = 1;
  return c.floats(data, [channels * taps, 1, ...window.kernel]);
}

/** From [batch, rows, positions] to [rows, batch · positions]: one long matrix. */
export function joinBatch(c: RuleContext, value: string, rows: number): string {
  return c.op("Reshape", [c.op("Transpose", [value], { perm: [1, 0, 2] }), c.ints([rows, -1])]);
}
