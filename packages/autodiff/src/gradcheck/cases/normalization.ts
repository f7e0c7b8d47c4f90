import type { GradientCase } from "../case.js";

export const normalizationCases: readonly GradientCase[] = [];
