import { elementCount } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { isAll, reachOf, spatialSizes, tapCount, type Window } from "../windows/window.js";

/*
 * Which of several equal forms of a convolution's gradient runs fastest on the CPU, by sizes. The
 * measurements behind the rules are in docs/internals/autodiff-forms.md.
 */

/** What is known of a convolution when its gradients are written. */
export interface ConvolutionSizes {
  /** [output channels, input channels / group, kernel...] */
  readonly weights: readonly number[] | undefined;
  readonly window: Window;
  readonly group: number;
  readonly batch: number | undefined;
  /** Spatial sizes of the data, and how many positions the window has along each axis. */
  readonly data: readonly number[] | undefined;
  readonly map: readonly number[] | undefined;
}

/** Collects the sizes of a convolution from the forward values with the shapes of data and output. */
export function convolutionSizes(
  c: RuleContext,
  like: string,
  of: string,
  window: Window,
  group: number,
): ConvolutionSizes {
  const batch = c.shape(of)?.[0];
  return {
    weights: c.staticShape(c.input(1)),
    window,
    group,
    batch: typeof batch === "number" ? batch : undefined,
    data: spatialSizes(c, like),
    map: spatialSizes(c, of),
  };
}

/**
 * - `turned`: a convolution with the kernels turned by 180°. For stride 1.
 * - `unfolded`: one product of matrices over the whole batch, for stride 1 on small maps.
 * - `transposed`: a transposed convolution. For everything.
 */
export type InputGradientForm = "turned" | "unfolded" | "transposed";

/**
 * - `product`: a product of matrices for each image, summed over the batch.
 * - `joined`: one product over batch and positions together, for small maps.
 * - `banded`: a product for each channel of all columns of the map by each other, for depthwise
 *   convolutions of small maps.
 * - `byImage`: a convolution of each image and channel by its gradient, for depthwise convolutions.
 * - `swapped`: a convolution by the gradient in which batch and channels have changed places.
 */
export type WeightGradientForm = "product" | "joined" | "banded" | "byImage" | "swapped";

/** With more taps than this, making the columns costs more than they save. */
const MOST_TAPS = 36;

/** A map with this many positions or fewer does not fill the cores by itself. */
const SMALL_MAP = 14 * 14;

/** Among more columns than these, too few are within reach of each other. */
const MOST_COLUMNS = 28;

/**
 * For a tap of a depthwise convolution, a product of matrices pays up to so many elements of data and
 * map multiplied: 7x7 and 8x8 with 3x3 kernels, 14x14 to 7x7 with 5x5.
 */
const MOST_PRODUCTS_PER_TAP = 460;

/** In smaller batches, to write the matrices costs more than they save. */
const SMALL_BATCH = 4;

/** Whether a depthwise convolution runs fastest as one matrix for each channel. */
export function isMatrixPerChannel(sizes: ConvolutionSizes): boolean {
  const { weights, window, group, batch = SMALL_BATCH, data, map } = sizes;
  if (weights === undefined || data === undefined || map === undefined) return false;
  const [outputs, inputs] = weights;
  if (group === 1 || inputs !== 1 || outputs !== group || batch < SMALL_BATCH) return false;
  const products = elementCount(data) * elementCount(map);
  const taps = tapCount(window);
  return taps > 1 && products <= MOST_PRODUCTS_PER_TAP * taps;
}

export function inputGradientForm(sizes: ConvolutionSizes): InputGradientForm {
  const { window, group, weights } = sizes;
  const reach = reachOf(window);
  const isTurnable = [window.begins, window.ends].every((pads) =>
    pads.every((pad, axis) => pad <= reach[axis]!),
  );
  if (!isAll(window.strides, 1) || !isTurnable) return "transposed";
  const taps = tapCount(window);
  const isSmall = positionsOf(sizes) <= SMALL_MAP && weights !== undefined;
  return isSmall && group === 1 && taps > 1 && taps <= MOST_TAPS ? "unfolded" : "turned";
}

export function weightGradientForm(sizes: ConvolutionSizes): WeightGradientForm {
  const { weights, window, group, map } = sizes;
  const taps = tapCount(window);
  if (weights === undefined) return "swapped";
  const [outputs, inputs] = weights as [number, number];
  const depthwise = group > 1 && inputs === 1 ? depthwiseForm(sizes) : undefined;
  if (depthwise !== undefined) return depthwise;
  if (taps > MOST_TAPS) return "swapped";
  if (group > 1 || map === undefined) return "product";
  // The products of all images against the columns and the gradient, each moved once.
  const products = 4 * outputs * inputs * taps;
  const moved = positionsOf(sizes) * (inputs * taps + outputs);
  return products > moved ? "joined" : "product";
}

/** Undefined where depthwise convolutions are no different from others. */
function depthwiseForm(sizes: ConvolutionSizes): WeightGradientForm | undefined {
  const { window, batch, data, map } = sizes;
  if (map !== undefined) {
    if (data !== undefined && data.at(-1)! <= MOST_COLUMNS) return "banded";
    if (tapCount(window) <= 9 && positionsOf(sizes) >= 28 * 28) return undefined;
  }
  return batch === undefined ? "swapped" : "byImage";
}

/** The elements of one output channel; infinitely many where sizes are not known. */
function positionsOf({ map }: ConvolutionSizes): number {
  return map === undefined ? Number.POSITIVE_INFINITY : elementCount(map);
}
