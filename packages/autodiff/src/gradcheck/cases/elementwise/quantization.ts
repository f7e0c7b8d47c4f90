import { type CaseInput, type GradientCase, given } from "../../case.js";

const quantized: CaseInput = {
  dims: [2, 3],
  dtype: "int8",
  values: () => [-3, 5, 100, 0, -128, 7],
  constant: true,
};
const zeroOf = (dims: readonly number[]): CaseInput => ({
  ...quantized,
  dims,
  values: () => [3, -2, 1].slice(0, dims[0] ?? 1),
});

export const quantizationCases: readonly GradientCase[] = [
  {
    operator: "DequantizeLinear",
    name: "one scale",
    inputs: [quantized, given([0.02], []), zeroOf([])],
  },
  {
    operator: "DequantizeLinear",
    name: "a scale for each column",
    inputs: [quantized, given([0.02, 0.1, 0.5]), zeroOf([3])],
  },
  {
    operator: "DequantizeLinear",
    name: "a scale for each row, no zero points",
    attributes: { axis: -2 },
    inputs: [quantized, given([0.02, 0.1])],
  },
];
