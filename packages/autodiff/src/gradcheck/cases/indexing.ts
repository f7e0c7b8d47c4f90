import type { GradientCase } from "../case.js";

export const indexingCases: readonly GradientCase[] = [];
