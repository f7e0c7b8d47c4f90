import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../context.js";
import { type GradientTable, rule, zeroGradients } from "../rule.js";

/** Normalised exponentials along an axis. */
export const softmaxGradients: GradientTable = {
  // y = softmax(x); dx = y dy - y Σ y dy
  Softmax: rule((c) => {
    const y = definedOutput(c);
    const weighted = c.op("Mul", [c.gradient(), y]);
    return [c.op("Sub", [weighted, c.op("Mul", [y, sumAlongAxis(c, weighted)])])];
  }),

  // y = log softmax(x); dx = dy - eʸ Σ dy
  LogSoftmax: rule((c) => {
    const probabilities = c.op("Exp", [c.output()]);
    const share = c.op("Mul", [sumAlongAxis(c, c.gradient()), probabilities]);
    return [c.op("Sub", [c.gradient(), share])];
  }),

  ...zeroGradients(["Hardmax"], "a one-hot vector is constant between ties"),
};

/**
 * Of a row that is masked as a whole the softmax is NaN. Exporters replace it behind the softmax, where
 * no gradient comes through any more; but 0 · NaN would bring the NaN back.
 */
function definedOutput(c: RuleContext): string {
  const y = c.output();
  if (!c.isReadBy(y, "IsNaN")) return y;
  return c.op("Where", [c.op("IsNaN", [y]), c.scalar(0), y]);
}

function sumAlongAxis(c: RuleContext, value: string): string {
  return c.op("ReduceSum", [value, c.ints([intAttribute(c.node, "axis", -1)])], { keepdims: 1 });
}
