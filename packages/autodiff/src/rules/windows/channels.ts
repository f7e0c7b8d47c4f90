import { elementCount } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { range } from "../shapes/layout.js";
import { spatialSizes } from "./window.js";

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

/** Below this many positions, the overhead of a convolution for each channel is more than it saves. */
const LARGE_MAP = 14 * 14;

/**
 * value · slope + level for each channel.
 *
 * Memory is what it costs, so the passes over the data count. On large maps in float32 it is written as
 * a convolution with one weight a channel: the level is its bias and takes no pass of its own.
 */
export function affinePerChannel(
  c: RuleContext,
  value: string,
  slope: string,
  level?: string,
): string {
  const channels = c.shape(c.input(0))?.[1];
  const positions = elementCount(spatialSizes(c, c.input(0)) ?? [0]);
  if (positions < LARGE_MAP || typeof channels !== "number" || c.dtype(c.input(0)) !== "float32") {
    const product = c.op("Mul", [value, perChannel(c, slope)]);
    return level === undefined ? product : c.op("Add", [product, perChannel(c, level)]);
  }
  const ones = range(1, c.rank(c.input(0))).map(() => 1);
  const kernels = c.op("Reshape", [slope, c.ints([-1, ...ones])]);
  const bias = level === undefined ? [] : [level];
  return c.op("Conv", [value, kernels, ...bias], { group: channels });
}
