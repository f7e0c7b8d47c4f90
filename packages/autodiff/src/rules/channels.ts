import type { RuleContext } from "../context.js";
import { range } from "./layout.js";

/** Helpers for data of shape [batch, channels, spatial...]: the first input of the node. */

/** A vector with one value a channel, in a shape that broadcasts to the data. */
export function perChannel(c: RuleContext, vector: string): string {
  const spatial = range(2, c.rank(c.input(0))).map(() => 1);
  return c.op("Reshape", [vector, c.ints([-1, ...spatial])]);
}

/**
 * One sum for each channel, as a vector. Summing the positions first and the batch after that is
 * faster than both at once.
 */
export function sumPerChannel(c: RuleContext, value: string): string {
  const spatial = range(2, c.rank(c.input(0)));
  const images =
    spatial.length === 0 ? value : c.op("ReduceSum", [value, c.ints(spatial)], { keepdims: 0 });
  return c.op("ReduceSum", [images, c.ints([0])], { keepdims: 0 });
}
