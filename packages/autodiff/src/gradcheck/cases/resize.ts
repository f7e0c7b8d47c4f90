import type { GradientCase } from "../case.js";

export const resizeCases: readonly GradientCase[] = [];
