import type { ReadingOptions, RunOptions } from "../sources/options.js";
import type { SelectiveOptions } from "./selective.js";

/** How inputs are predicted. */
export interface PredictOptions extends SelectiveOptions, Pick<RunOptions, "signal"> {
  /** Name the most probable labels, so many of them, in `ranking`. Default: none. */
  readonly topK?: number | undefined;
  /** Largest width x height of an image. Default 50,000,000. */
  readonly maxImagePixels?: number | undefined;
}

/** How a stream of inputs is predicted. */
export interface PredictStreamOptions
  extends PredictOptions,
    Omit<ReadingOptions, "skipBad">,
    Pick<RunOptions, "signal" | "onWarning"> {}
