import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { type GradientTable, missingGradients, rule } from "../../rule.js";

/** Operators between floats and scaled integers. */
export const quantizationGradients: GradientTable = {
  // y = (x - zero) scale; by the scale: Σ (y / scale) dy over the elements that share it
  DequantizeLinear: rule((c) => [undefined, c.wants(1) ? gradientOfScale(c) : undefined]),

  ...missingGradients(
    ["QuantizeLinear", "DynamicQuantizeLinear"],
    "rounding to integers has no useful gradient; start from the float32 model",
  ),
  ...missingGradients(
    ["MatMulInteger", "QLinearMatMul", "ConvInteger", "QLinearConv"],
    "it computes with integers, which have no gradient; start from the float32 model",
  ),
};

function gradientOfScale(c: RuleContext): string {
  const scale = c.input(1);
  if (intAttribute(c.node, "block_size", 0) !== 0) {
    throw new UnsupportedForm("the gradient by scales of blocks is not implemented");
  }
  const weighted = c.op("Mul", [c.gradient(), c.output()]);
  return c.op("Div", [sumToScale(c, weighted), scale]);
}

/** One scale for the whole tensor, or one for each position along an axis. */
function sumToScale(c: RuleContext, value: string): string {
  const rank = c.rank(c.output());
  const axis = intAttribute(c.node, "axis", 1);
  const own = c.rank(c.input(1)) === 0 ? undefined : (axis + rank) % rank;
  const axes = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== own);
  if (axes.length === 0) return value;
  return c.op("ReduceSum", [value, c.ints(axes)], { keepdims: 0 });
}
