import { elementCount } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { range } from "../shapes/layout.js";
import { tapCount, type Window } from "../windows/window.js";
import type { ConvolutionSizes } from "./conv-cost.js";

/**
 * A depthwise convolution of small maps as one matrix T for each channel, from the elements of the
 * data to the positions of the map: y = x T, so dx = dy Tᵀ and dT = xᵀ dy. The taps W are spread over
 * T by a constant S of ones and zeros: T = W S and dW = dT Sᵀ. T and x, with the channels before the
 * batch, are made once, for the convolution and its gradients.
 *
 * @param sizes - Of one kernel a channel, and all known but the batch.
 */
export function channelMatrixGradients(
  c: RuleContext,
  { window, data, map, weights }: ConvolutionSizes,
): readonly (string | undefined)[] {
  const [before, after] = [data!, map!];
  const [elements, positions] = [elementCount(before), elementCount(after)];
  const channels = weights![0]!;
  const taps = tapCount(window);
  const { spread, matrices, x } = c.rewrite((forward) => {
    const kernels = forward.op("Reshape", [c.input(1), forward.ints([channels, taps])]);
    const spread = forward.floats(spreadTaps(window, before, after), [taps, elements * positions]);
    const spreadKernels = forward.op("MatMul", [kernels, spread]);
    const sizes = forward.ints([channels, elements, positions]);
    const matrices = forward.op("Reshape", [spreadKernels, sizes]);
    const x = channelsFirst(forward, c.input(0), channels, elements);
    const product = forward.op("MatMul", [x, matrices]);
    const output = imagesFirst(forward, withBias(forward, product, channels), after);
    return { output, spread, matrices, x };
  });
  const dy = channelsFirst(c, c.gradient(), channels, positions);
  const turned = (values: string) => c.op("Transpose", [values], { perm: [0, 2, 1] });
  const byData = () => imagesFirst(c, c.op("MatMul", [dy, turned(matrices)]), before);
  const byTaps = () => {
    const products = c.op("MatMul", [turned(x), dy]);
    const rows = c.op("Reshape", [products, c.ints([channels, elements * positions])]);
    return c.reshapeLike(c.op("Gemm", [rows, spread], { transB: 1 }), c.input(1));
  };
  return [c.wants(0) ? byData() : undefined, c.wants(1) ? byTaps() : undefined];
}

/** From [batch, channels, spatial...] to [channels, batch, elements]. */
function channelsFirst(c: RuleContext, value: string, channels: number, elements: number): string {
  const flat = c.op("Reshape", [value, c.ints([0, channels, elements])]);
  return c.op("Transpose", [flat], { perm: [1, 0, 2] });
}

/** From [channels, batch, elements] to [batch, channels, spatial...]. */
function imagesFirst(c: RuleContext, value: string, sizes: readonly number[]): string {
  const images = c.op("Transpose", [value], { perm: [1, 0, 2] });
  return c.op("Reshape", [images, c.ints([0, 0, ...sizes])]);
}

function withBias(c: RuleContext, product: string, channels: number): string {
  if (!c.has(2)) return product;
  const bias = c.op("Reshape", [c.input(2), c.ints([channels, 1, 1])]);
  return c.op("Add", [product, bias]);
}

/** S, [taps, elements · positions]: 1 where a position of the window sees an element by the tap. */
function spreadTaps(
  window: Window,
  before: readonly number[],
  after: readonly number[],
): Float32Array {
  const [elements, positions] = [elementCount(before), elementCount(after)];
  const spread = new Float32Array(tapCount(window) * elements * positions);
  for (const [tap, offsets] of coordinates(window.kernel).entries()) {
    for (const [position, steps] of coordinates(after).entries()) {
      const element = elementAt(window, before, offsets, steps);
      if (element !== undefined) spread[(tap * elements + element) * positions + position] = 1;
    }
  }
  return spread;
}

/** The number of the element that a window sees by a tap; `undefined` in the padding. */
function elementAt(
  { strides, dilations, begins }: Window,
  sizes: readonly number[],
  offsets: readonly number[],
  steps: readonly number[],
): number | undefined {
  let element = 0;
  for (const [axis, size] of sizes.entries()) {
    const at = steps[axis]! * strides[axis]! + offsets[axis]! * dilations[axis]! - begins[axis]!;
    if (at < 0 || at >= size) return undefined;
    element = element * size + at;
  }
  return element;
}

/** The coordinates of all places of a grid, the last axis first to move. */
function coordinates(sizes: readonly number[]): readonly number[][] {
  return sizes.reduce<number[][]>(
    (places, size) => places.flatMap((place) => range(0, size).map((at) => [...place, at])),
    [[]],
  );
}
