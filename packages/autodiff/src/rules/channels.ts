import type { RuleContext } from "../context.js";
import { range } from "./layout.js";

/** Helpers for data of shape [batch, channels, spatial...]: the first input of the node. */

/** A vector with one value a channel, in a shape that broadcasts to the data. */
export function perChannel(c: RuleContext, vector: string): string {
  const spatial = range(2, c.rank(c.input(0))).map(() => 1);
  return c.op("Reshape", [vector, c.ints([-1, ...spatial])]);
}

/** All axes but that of the channels. */
export function axesAroundChannels(c: RuleContext): number[] {
  return [0, ...range(2, c.rank(c.input(0)))];
}

/** One sum for each channel, as a vector. */
export function sumPerChannel(c: RuleContext, value: string): string {
  return c.op("ReduceSum", [value, c.ints(axesAroundChannels(c))], { keepdims: 0 });
}
