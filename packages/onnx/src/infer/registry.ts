import type { Rule, RuleTable } from "./rule.js";
import { contribRules } from "./rules/contrib.js";
import { elementwiseRules } from "./rules/elementwise/elementwise.js";
import { quantizationRules } from "./rules/elementwise/quantization.js";
import { matmulRules } from "./rules/matrices/matmul.js";
import { recurrentRules } from "./rules/matrices/recurrent.js";
import { normalizationRules } from "./rules/normalization/normalization.js";
import { reductionRules } from "./rules/normalization/reduction.js";
import { controlRules } from "./rules/shapes/control.js";
import { indexingRules } from "./rules/shapes/indexing.js";
import { movementRules } from "./rules/shapes/movement.js";
import { rangeRules } from "./rules/shapes/ranges.js";
import { resizeRules } from "./rules/shapes/resize.js";
import { shapeRules } from "./rules/shapes/shape.js";
import { convolutionRules } from "./rules/windows/convolution.js";

/** The families of rules by operator domain. An operator is in one family only. */
export const ruleFamilies: ReadonlyMap<string, readonly RuleTable[]> = new Map([
  [
    "",
    [
      elementwiseRules,
      movementRules,
      rangeRules,
      resizeRules,
      reductionRules,
      convolutionRules,
      normalizationRules,
      matmulRules,
      indexingRules,
      shapeRules,
      quantizationRules,
      recurrentRules,
      controlRules,
    ],
  ],
  ["com.microsoft", [contribRules]],
]);

/** Rules with the operator set that each holds from, the newest first. */
type Versions = readonly (readonly [since: number, rule: Rule])[];

const rules: ReadonlyMap<string, Versions> = new Map(
  Array.from(ruleFamilies, ([domain, families]) =>
    families.flatMap((family) =>
      Object.entries(family).map(
        ([operator, versions]) => [keyOf(domain, operator), newestFirst(versions)] as const,
      ),
    ),
  ).flat(),
);

function newestFirst(versions: RuleTable[string]): Versions {
  return Object.entries(versions)
    .map(([since, rule]) => [Number(since), rule] as const)
    .sort(([a], [b]) => b - a);
}

function keyOf(domain: string, operator: string): string {
  return `${domain}:${operator}`;
}

/**
 * The newest rule of an operator that is not above `opset`, the version that the model imports its
 * domain with. `undefined` for an operator without one.
 */
export function findRule(domain: string, operator: string, opset: number): Rule | undefined {
  return rules.get(keyOf(domain, operator))?.find(([since]) => since <= opset)?.[1];
}

/** Every operator that has a rule, by domain. */
export function knownOperators(): { readonly domain: string; readonly operator: string }[] {
  return Array.from(ruleFamilies, ([domain, families]) =>
    families.flatMap((family) => Object.keys(family).map((operator) => ({ domain, operator }))),
  ).flat();
}
