import { intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { type GradientTable, rule, zeroGradients } from "../../rule.js";
import { positiveAxis } from "../shapes/layout.js";

/** Normalised exponentials along an axis. */
export const softmaxGradients: GradientTable = {
  // y = softmax(x); dx = y (dy - Σ y dy)
  Softmax: rule((c) => {
    const y = definedOutput(c);
    const mean = meanOfAttention(c) ?? sumAlongAxis(c, c.op("Mul", [c.gradient(), y]));
    return [c.op("Mul", [y, c.op("Sub", [c.gradient(), mean])])];
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
 * Σ y dy where y only weighs values, as in attention: of o = y v, dy = do vᵀ, and so it is Σ o do, over
 * the few numbers of a head instead of all positions (Dao et al. 2022, arXiv:2205.14135).
 */
function meanOfAttention(c: RuleContext): string | undefined {
  const y = c.output();
  const [reader, ...others] = c.readersOf(y);
  if (reader?.opType !== "MatMul" || others.length > 0 || reader.inputs[1] === y) return undefined;
  const [rows = [], weighed] = [c.shape(y), c.shape(reader.outputs[0]!)];
  const gradient = c.gradientOf(reader.outputs[0]!);
  const isAlongLast =
    positiveAxis(intAttribute(c.node, "axis", -1), rows.length) === rows.length - 1;
  const isAlike =
    rows.length === weighed?.length &&
    rows.slice(0, -1).every((size, axis) => size !== null && size === weighed[axis]);
  if (gradient === undefined || !isAlongLast || !isAlike) return undefined;
  const products = c.op("Mul", [gradient, reader.outputs[0]!]);
  return c.op("ReduceSum", [products, c.ints([-1])], { keepdims: 1 });
}

/**
 * Of a row that is masked as a whole the softmax is NaN. Exporters replace it behind the softmax, where
 * no gradient comes through any more; but 0 · NaN would bring the NaN back.
 */
function definedOutput(c: RuleContext): string {
  const y = c.output();
  if (!c.readersOf(y).some(({ opType }) => opType === "IsNaN")) return y;
  return c.op("Where", [c.op("IsNaN", [y]), c.scalar(0), y]);
}

function sumAlongAxis(c: RuleContext, value: string): string {
  return c.op("ReduceSum", [value, c.ints([intAttribute(c.node, "axis", -1)])], { keepdims: 1 });
}
