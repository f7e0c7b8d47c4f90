import type { GradientCase } from "../case.js";

export const poolingCases: readonly GradientCase[] = [];
