import type { GradientCase } from "../case.js";
import { activationsCases } from "./activations.js";
import { arithmeticCases } from "./arithmetic.js";
import { convolutionCases } from "./convolution.js";
import { copyingCases } from "./copying.js";
import { creationCases } from "./creation.js";
import { elementaryCases } from "./elementary.js";
import { indexingCases } from "./indexing.js";
import { lossesCases } from "./losses.js";
import { matmulCases } from "./matmul.js";
import { movementCases } from "./movement.js";
import { normalizationCases } from "./normalization.js";
import { poolingCases } from "./pooling.js";
import { quantizationCases } from "./quantization.js";
import { reductionCases } from "./reduction.js";
import { resizeCases } from "./resize.js";
import { selectionCases } from "./selection.js";
import { softmaxCases } from "./softmax.js";

/** Every case, by family of rules. */
export const caseFamilies: ReadonlyMap<string, readonly GradientCase[]> = new Map([
  ["arithmetic", arithmeticCases],
  ["elementary", elementaryCases],
  ["copying", copyingCases],
  ["creation", creationCases],
  ["activations", activationsCases],
  ["selection", selectionCases],
  ["reduction", reductionCases],
  ["softmax", softmaxCases],
  ["losses", lossesCases],
  ["matmul", matmulCases],
  ["quantization", quantizationCases],
  ["convolution", convolutionCases],
  ["pooling", poolingCases],
  ["normalization", normalizationCases],
  ["movement", movementCases],
  ["indexing", indexingCases],
  ["resize", resizeCases],
]);
