import { UsageError } from "../errors.js";
import type { LayerOptions, SingleLayer } from "./new-layer.js";

/**
 * In training, sets each value to zero with probability `rate` and scales the others by
 * 1 / (1 - rate) (Srivastava et al. 2014). In inference it does nothing, and a saved model has none.
 *
 * @param rate - At least 0 and below 1.
 * @throws UsageError for another rate.
 */
export function dropout(rate: number, options: LayerOptions = {}): SingleLayer {
  if (!(rate >= 0 && rate < 1)) {
    throw new UsageError(
      `The rate of dropout is ${rate}; expected a number of at least 0 and below 1, such as 0.2.`,
    );
  }
  return {
    kind: "dropout",
    name: options.name,
    // Without its third input the operator is in inference form; training replaces it.
    write: ({ builder, input }) => builder.op("Dropout", [input, builder.floats([rate], [])]),
  };
}
