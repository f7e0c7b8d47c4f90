import { extents, isAll, type Window } from "./window.js";

/** What is known of a convolution when its gradients are written. */
export interface ConvolutionSizes {
  /** [output channels, input channels / group, kernel...] */
  readonly weights: readonly number[] | undefined;
  readonly window: Window;
  readonly group: number;
  /** Spatial sizes of the output. */
  readonly output: readonly number[] | undefined;
}

/** `rotated`: a convolution with turned kernels. `transposed`: a transposed convolution. */
export type InputGradientForm = "rotated" | "transposed";

/**
 * - `taps`: for each position of the kernel a product of matrices, summed over the batch.
 * - `columns`: the windows as columns of one matrix, and a single product over batch and positions.
 * - `swapped`: a convolution of the data by the gradient, batch and channels swapped. Needs no size.
 */
export type WeightGradientForm = "taps" | "columns" | "swapped";

export function inputGradientForm({ window, group, output }: ConvolutionSizes): InputGradientForm {
  const reach = extents(window);
  const fits = [window.begins, window.ends].every((pads) =>
    pads.every((pad, axis) => pad < reach[axis]!),
  );
  if (!isAll(window.strides, 1) || !fits) return "transposed";
  const isPointwise = isAll(window.kernel, 1);
  const isSmall = output?.every((size) => size <= 14);
  return group === 1 && !isPointwise && isSmall ? "transposed" : "rotated";
}

export function weightGradientForm(sizes: ConvolutionSizes): WeightGradientForm {
  const { window, group, output, weights } = sizes;
  if (group !== 1 || output === undefined || weights === undefined) return "swapped";
  if (weights[1]! < 16 && !isAll(window.kernel, 1)) return "swapped";
  return output.every((size) => size <= 20) ? "columns" : "taps";
}
