import type { Rule, RuleTable } from "../../rule.js";

/** Operators between floats and scaled integers. */

const quantize: Rule = (view) => {
  const shape = view.shape(0);
  const dtype = view.has(2) ? view.dtype(2) : view.dtypeAttribute("output_dtype", "uint8");
  return [dtype && { dtype, shape }];
};

const dequantize: Rule = (view) => {
  const dtype = view.dtypeAttribute("output_dtype", view.opset < 19 ? "float32" : view.dtype(1));
  return [dtype && { dtype, shape: view.shape(0) }];
};

/** Quantised data, scale and zero point of the whole tensor. */
const dynamicQuantize: Rule = (view) => [
  { dtype: "uint8", shape: view.shape(0) },
  { dtype: "float32", shape: [] },
  { dtype: "uint8", shape: [] },
];

export const quantizationRules: RuleTable = {
  QuantizeLinear: { 10: quantize },
  DequantizeLinear: { 10: dequantize },
  DynamicQuantizeLinear: { 11: dynamicQuantize },
};
