import { dataTypeCodes, intAttribute, scalarOf } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { type GradientTable, rule } from "../../rule.js";

/** Operators that pass every element on, or drop it. */
export const copyingGradients: GradientTable = {
  Identity: rule((c) => [c.gradient()]),

  // Between float types; where integers come in there is no gradient to ask for
  Cast: rule((c) => [castBack(c)]),
  CastLike: rule((c) => [c.wants(0) ? castBack(c) : undefined]),

  // y = x m / (1 - ratio), where the mask m is the second output; nothing happens at inference
  Dropout: rule((c) => [c.wants(0) ? gradientOfDropout(c) : undefined]),

  // yᵢⱼ = xᵢⱼ in one triangle, else 0
  Trilu: rule((c) => {
    const upper = intAttribute(c.node, "upper", 1);
    const diagonal = c.has(1) ? [c.input(1)] : [];
    return [c.op("Trilu", [c.gradient(), ...diagonal], { upper })];
  }),
};

function castBack(c: RuleContext): string {
  const [from, to] = [c.dtype(c.output()), c.dtype(c.input(0))];
  return from === to ? c.gradient() : c.op("Cast", [c.gradient()], { to: dataTypeCodes[to] });
}

function gradientOfDropout(c: RuleContext): string {
  const training = c.has(2) ? c.constantOf(c.input(2)) : scalarOf("bool", 0);
  if (training?.data[0] === 0) return c.gradient();
  if (c.output(1) === "") {
    throw new UnsupportedForm("in training mode its mask is needed: give it a second output");
  }
  const kept = c.masked(c.gradient(), c.output(1));
  const ratio = c.has(1) ? c.op("CastLike", [c.input(1), c.output()]) : c.scalar(0.5);
  const dropped = training === undefined ? c.op("Mul", [ratio, c.asNumbers(c.input(2))]) : ratio;
  return c.op("Div", [kept, c.op("Sub", [c.scalar(1), dropped])]);
}
