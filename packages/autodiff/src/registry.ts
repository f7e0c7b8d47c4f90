import type { Node } from "@engraft/onnx";
import type { GradientTable, OperatorGradient } from "./rule.js";
import { activationGradients } from "./rules/activations.js";
import { arithmeticGradients } from "./rules/arithmetic.js";
import { controlGradients } from "./rules/control.js";
import { convolutionGradients } from "./rules/convolution.js";
import { copyingGradients } from "./rules/copying.js";
import { creationGradients } from "./rules/creation.js";
import { elementaryGradients } from "./rules/elementary.js";
import { fusedGradients } from "./rules/fused.js";
import { indexingGradients } from "./rules/indexing.js";
import { integerGradients } from "./rules/integers.js";
import { lossGradients } from "./rules/losses.js";
import { matmulGradients } from "./rules/matmul.js";
import { movementGradients } from "./rules/movement.js";
import { normalizationGradients } from "./rules/normalization.js";
import { poolingGradients } from "./rules/pooling.js";
import { quantizationGradients } from "./rules/quantization.js";
import { reductionGradients } from "./rules/reduction.js";
import { resizeGradients } from "./rules/resize.js";
import { selectionGradients } from "./rules/selection.js";
import { softmaxGradients } from "./rules/softmax.js";

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
