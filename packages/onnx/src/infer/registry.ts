import type { Rule, RuleTable } from "./rule.js";
import { contribRules } from "./rules/contrib.js";
import { controlRules } from "./rules/control.js";
import { convolutionRules } from "./rules/convolution.js";
import { elementwiseRules } from "./rules/elementwise.js";
import { indexingRules } from "./rules/indexing.js";
import { matmulRules } from "./rules/matmul.js";
import { movementRules } from "./rules/movement.js";
import { normalizationRules } from "./rules/normalization.js";
import { quantizationRules } from "./rules/quantization.js";
import { rangeRules } from "./rules/ranges.js";
import { recurrentRules } from "./rules/recurrent.js";
import { reductionRules } from "./rules/reduction.js";
import { resizeRules } from "./rules/resize.js";
import { shapeRules } from "./rules/shape.js";

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
