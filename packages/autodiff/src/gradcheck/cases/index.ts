import type { GradientCase } from "../case.js";
import { activationsCases } from "./elementwise/activations.js";
import { arithmeticCases } from "./elementwise/arithmetic.js";
import { elementaryCases } from "./elementwise/elementary.js";
import { quantizationCases } from "./elementwise/quantization.js";
import { selectionCases } from "./elementwise/selection.js";
import { matmulCases } from "./matmul.js";
import { lossesCases } from "./reduction/losses.js";
import { normalizationCases } from "./reduction/normalization.js";
import { reductionCases } from "./reduction/reduction.js";
import { softmaxCases } from "./reduction/softmax.js";
import { copyingCases } from "./shapes/copying.js";
import { creationCases } from "./shapes/creation.js";
import { indexingCases } from "./shapes/indexing.js";
import { movementCases } from "./shapes/movement.js";
import { resizeCases } from "./shapes/resize.js";
import { convolutionCases } from "./windows/convolution.js";
import { poolingCases } from "./windows/pooling.js";

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
