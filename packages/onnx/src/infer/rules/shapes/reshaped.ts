import type { Shape } from "../../../ir/graph.js";
import type { Rule } from "../../rule.js";
import type { NodeView } from "../../view.js";

/** Gives output 0 the element type of input 0 and the shape that `shapeOf` works out. */
export function reshaped(shapeOf: (view: NodeView) => Shape | undefined): Rule {
  return (view) => {
    const dtype = view.dtype(0);
    const shape = shapeOf(view);
    return [dtype && { dtype, shape }];
  };
}
