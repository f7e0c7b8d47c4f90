import type { FeatureColumn, Input, Matrix64 } from "@engraft/core/predict";
import type { TunedLayers } from "./tuned-layers.js";

/** Whatever makes something of layers that were read: the head of a task, for one. */
export interface BackboneConsumer {
  /** What it reads of the base. */
  readonly columns: readonly FeatureColumn[];
  /** Layers on top of the backbone that give it some of the columns. */
  readonly tuned?: TunedLayers | undefined;
  /**
   * @param features - Its columns for some inputs: [inputs, width].
   * @returns A row for each input.
   */
  run(inputs: readonly Input[], features: Float32Array): Promise<Matrix64>;
}
