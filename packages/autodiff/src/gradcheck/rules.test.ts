import { describe, test } from "vitest";
import { caseFamilies } from "./cases/index.js";
import { checkGradients, checkVariants } from "./check.js";

describe.for(Array.from(caseFamilies))("%s", ([, cases]) => {
  const covered = new Set<string>();
  for (const item of cases) {
    test(`${item.operator}: ${item.name}`, () => checkGradients(item));
    if (covered.has(item.operator) || item.expected !== undefined) continue;
    covered.add(item.operator);
    test(`${item.operator}: ${item.name}, frozen inputs and graph optimisation`, () =>
      checkVariants(item));
  }
});
