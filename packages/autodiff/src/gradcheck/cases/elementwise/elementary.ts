import { type GradientCase, ladder, positive, real, unary, uniform } from "../../case.js";

const above = (dims: readonly number[]) => uniform(dims, 1.2, 3);
const inside = (dims: readonly number[]) => uniform(dims, -0.8, 0.8);

export const elementaryCases: readonly GradientCase[] = [
  ...ladder({ operator: "Exp", float64: true }, unary(real)),
  ...ladder({ operator: "Log", float64: true }, unary(positive)),
  ...ladder({ operator: "Erf" }, unary(real)),
  ...ladder({ operator: "Sin", float64: true }, unary(real)),
  ...ladder({ operator: "Cos" }, unary(real)),
  ...ladder({ operator: "Tan" }, unary(inside)),
  ...ladder({ operator: "Asin" }, unary(inside)),
  ...ladder({ operator: "Acos" }, unary(inside)),
  ...ladder({ operator: "Atan" }, unary(real)),
  ...ladder({ operator: "Sinh" }, unary(real)),
  ...ladder({ operator: "Cosh" }, unary(real)),
  ...ladder({ operator: "Tanh", float64: true }, unary(real)),
  ...ladder({ operator: "Asinh" }, unary(real)),
  ...ladder({ operator: "Acosh" }, unary(above)),
  ...ladder({ operator: "Atanh" }, unary(inside)),
];
