import type { RuleContext } from "../context.js";
import { isAll, reachOf, spatialSizes, tapCount, type Window } from "./window.js";

/*
 * Which of several equal forms of a convolution's gradient runs fastest on the CPU, by sizes. The
 * figures behind the rules are in docs/internals/autodiff-forms.md.
 */

/** What is known of a convolution when its gradients are written. */
export interface ConvolutionSizes {
  /** [output channels, input channels / group, kernel...] */
  readonly weights: readonly number[] | undefined;
  readonly window: Window;
  readonly group: number;
  readonly batch: number | undefined;
  /** Number of positions of the window: the elements of one output channel. */
  readonly positions: number | undefined;
}

/** Collects the sizes of a convolution whose output, or the gradient that stands for it, is `of`. */
export function convolutionSizes(
  c: RuleContext,
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
    positions: spatialSizes(c, of)?.reduce((product, size) => product * size, 1),
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
 * - `byImage`: a convolution of each image and channel by its gradient, for depthwise convolutions.
 * - `swapped`: a convolution by the gradient in which batch and channels have changed places.
 */
export type WeightGradientForm = "product" | "joined" | "byImage" | "swapped";

/** With more taps than this, making the columns costs more than they save. */
const MOST_TAPS = 36;

/** A map with this many positions or fewer does not fill the cores by itself. */
const SMALL_MAP = 14 * 14;

export function inputGradientForm(sizes: ConvolutionSizes): InputGradientForm {
  const { window, group, positions, weights } = sizes;
  const reach = reachOf(window);
  const isTurnable = [window.begins, window.ends].every((pads) =>
    pads.every((pad, axis) => pad <= reach[axis]!),
  );
  if (!isAll(window.strides, 1) || !isTurnable) return "transposed";
  const taps = tapCount(window);
  const isSmall = positions !== undefined && positions <= SMALL_MAP && weights !== undefined;
  return isSmall && group === 1 && taps > 1 && taps <= MOST_TAPS ? "unfolded" : "turned";
}

export function weightGradientForm(sizes: ConvolutionSizes): WeightGradientForm {
  const { weights, window, group, batch, positions } = sizes;
  const taps = tapCount(window);
  if (weights === undefined) return "swapped";
  const [outputs, inputs] = weights as [number, number];
  if (group > 1 && inputs === 1 && (taps > 9 || positions === undefined || positions < 28 * 28)) {
    return batch === undefined ? "swapped" : "byImage";
  }
  if (taps > MOST_TAPS) return "swapped";
  if (group > 1 || positions === undefined) return "product";
  // The products of all images against the columns and the gradient, each moved once.
  const products = 4 * outputs * inputs * taps;
  const moved = positions * (inputs * taps + outputs);
  return products > moved ? "joined" : "product";
}
