import type { Tensor } from "../../ir/tensor/tensor.js";
import type { NumericDataType } from "../../ir/tensor/tensor-data.js";
import type { NodeView } from "../view.js";

/** A type that is known to the last dimension. */
export interface StaticType {
  readonly dtype: NumericDataType;
  readonly dims: readonly number[];
}

/**
 * Computes output 0 of a node whose inputs are all constant. `inputs` leaves out the optional inputs
 * at the end that are not connected. `undefined` when the result is not defined, or of no use to
 * folding: the node then stays and the runtime decides.
 */
export type Kernel = (
  view: NodeView,
  inputs: readonly Tensor<NumericDataType>[],
  output: StaticType,
) => Tensor | undefined;
