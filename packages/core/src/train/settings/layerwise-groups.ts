/** Weights that are trained in their own way. */
export interface WeightGroup {
  /**
   * Names of weights: `*` stands for any part of a name between dots or slashes, `**` for anything.
   * `encoder.layer.5.**` is everything in that layer.
   */
  readonly match: string;
  /** Default: that of the run. */
  readonly learningRate?: number | undefined;
  /** Default: that of the run, and none for biases and scales. */
  readonly weightDecay?: number | undefined;
}

/**
 * Groups for layer-wise learning rates (ULMFiT's discriminative fine-tuning): the last layer gets the
 * learning rate, and each layer below it `decay` times that of the one above.
 *
 * @param layers - Names of layers from the input to the output.
 * @param decay - From 0 to 1; ULMFiT used 1 / 2.6.
 */
export function layerwiseGroups(
  layers: readonly string[],
  learningRate: number,
  decay: number,
): WeightGroup[] {
  return layers.map((layer, index) => ({
    match: `${layer}.**`,
    learningRate: learningRate * decay ** (layers.length - 1 - index),
  }));
}
