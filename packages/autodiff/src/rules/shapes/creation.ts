import { intAttribute } from "@engraft/onnx";
import { type GradientTable, rule } from "../../rule.js";

/** Operators that make a tensor out of a few numbers. */
export const creationGradients: GradientTable = {
  // yᵢ = start + i delta; dstart = Σ dyᵢ, ddelta = Σ i dyᵢ
  Range: rule((c) => {
    const [start, delta] = [c.input(0), c.input(2)];
    const steps = () => c.op("Div", [c.op("Sub", [c.output(), start]), delta]);
    const sum = (value: string) => c.op("ReduceSum", [value], { keepdims: 0 });
    return [
      c.wants(0) ? sum(c.gradient()) : undefined,
      undefined,
      c.wants(2) ? sum(c.op("Mul", [c.gradient(), steps()])) : undefined,
    ];
  }),

  // y is the second of two values at the index, else the first: each gets the sum where it stands
  OneHot: rule((c) => {
    if (!c.wants(2)) return [];
    const axis = intAttribute(c.node, "axis", -1);
    const hits = c.op("OneHot", [c.input(0), c.input(1), c.floats([0, 1], [2])], { axis });
    const total = c.op("ReduceSum", [c.gradient()], { keepdims: 0 });
    const on = c.op("ReduceSum", [c.op("Mul", [c.gradient(), hits])], { keepdims: 0 });
    const both = [c.op("Sub", [total, on]), on].map((sum) => c.op("Unsqueeze", [sum, c.ints([0])]));
    return [undefined, undefined, c.op("Concat", both, { axis: 0 })];
  }),
};
