import type { Node } from "@engraft/onnx";
import type { GradientTable, OperatorGradient } from "./rule.js";
import { convolutionGradients } from "./rules/convolution/convolution.js";
import { activationGradients } from "./rules/elementwise/activations.js";
import { arithmeticGradients } from "./rules/elementwise/arithmetic.js";
import { elementaryGradients } from "./rules/elementwise/elementary.js";
import { fusedGradients } from "./rules/elementwise/fused.js";
import { integerGradients } from "./rules/elementwise/integers.js";
import { quantizationGradients } from "./rules/elementwise/quantization.js";
import { selectionGradients } from "./rules/elementwise/selection.js";
import { matmulGradients } from "./rules/matrices/matmul.js";
import { normalizationGradients } from "./rules/normalization/normalization.js";
import { lossGradients } from "./rules/reduction/losses.js";
import { reductionGradients } from "./rules/reduction/reduction.js";
import { softmaxGradients } from "./rules/reduction/softmax.js";
import { controlGradients } from "./rules/shapes/control.js";
import { copyingGradients } from "./rules/shapes/copying.js";
import { creationGradients } from "./rules/shapes/creation.js";
import { indexingGradients } from "./rules/shapes/indexing.js";
import { movementGradients } from "./rules/shapes/movement.js";
import { resizeGradients } from "./rules/shapes/resize.js";
import { poolingGradients } from "./rules/windows/pooling.js";

/** Families of gradients by operator domain. An operator is in one family only. */
export const gradientFamilies: ReadonlyMap<string, readonly GradientTable[]> = new Map([
  [
    "",
    [
      arithmeticGradients,
      elementaryGradients,
      activationGradients,
      copyingGradients,
      creationGradients,
      selectionGradients,
      reductionGradients,
      softmaxGradients,
      lossGradients,
      matmulGradients,
      convolutionGradients,
      poolingGradients,
      normalizationGradients,
      movementGradients,
      indexingGradients,
      resizeGradients,
      quantizationGradients,
      integerGradients,
      controlGradients,
    ],
  ],
  ["com.microsoft", [fusedGradients]],
]);

const gradients: ReadonlyMap<string, OperatorGradient> = new Map(
  Array.from(gradientFamilies, ([domain, tables]) =>
    tables.flatMap((table) =>
      Object.entries(table).map(
        ([operator, entry]) => [operatorKey(domain, operator), entry] as const,
      ),
    ),
  ).flat(),
);

/** What is known of an operator's gradient; `undefined` for an operator that nobody has heard of. */
export function findGradient({ domain, opType }: Node): OperatorGradient | undefined {
  return gradients.get(operatorKey(domain, opType));
}

/** Every operator of the registry, `domain:operator`, with what is known of its gradient. */
export function gradientEntries(): ReadonlyMap<string, OperatorGradient> {
  return gradients;
}

/** The ONNX domain is left out: `Conv`, `com.microsoft:Attention`. */
export function operatorKey(domain: string, operator: string): string {
  return domain === "" ? operator : `${domain}:${operator}`;
}
