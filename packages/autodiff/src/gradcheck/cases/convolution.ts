import type { GradientCase } from "../case.js";

export const convolutionCases: readonly GradientCase[] = [];
