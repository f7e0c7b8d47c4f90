import type { GradientCase } from "../case.js";

export const movementCases: readonly GradientCase[] = [];
