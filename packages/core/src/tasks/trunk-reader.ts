import type { Input } from "../dataset/dataset.js";
import type { FeatureColumn } from "../features/columns.js";
import type { Matrix64 } from "../math/matrix.js";
import type { TunedLayers } from "./tuned-layers.js";

/** Whatever makes something of layers that were read: the head of a task, for one. */
export interface TrunkReader {
  /** What it reads of the base. */
  readonly columns: readonly FeatureColumn[];
  /** Layers on top of the trunk that give it some of the columns. */
  readonly tuned?: TunedLayers | undefined;
  /**
   * @param features - Its columns for some inputs: [inputs, width].
   * @returns A row for each input.
   */
  run(inputs: readonly Input[], features: Float32Array): Promise<Matrix64>;
}
