import { knownOperators } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { caseFamilies } from "./gradcheck/cases/index.js";
import { gradientEntries, gradientFamilies, operatorKey } from "./registry.js";

const entries = gradientEntries();

describe("the registry", () => {
  it("has every operator whose type can be inferred", () => {
    const missing = knownOperators()
      .map(({ domain, operator }) => operatorKey(domain, operator))
      .filter((key) => !entries.has(key));
    expect(missing).toEqual([]);
  });

  it("has each operator in one family", () => {
    const keys = Array.from(gradientFamilies, ([domain, tables]) =>
      tables.flatMap((table) =>
        Object.keys(table).map((operator) => operatorKey(domain, operator)),
      ),
    ).flat();
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it("says why where it has no rule", () => {
    for (const [key, entry] of entries) {
      if (entry.kind !== "rule") expect(entry.why, key).toMatch(/^\S.{10,}[^.]$/);
    }
  });

  it("has no rule without a case, and no case without a rule", () => {
    const checked = new Set([...caseFamilies.values()].flat().map(({ operator }) => operator));
    const rules = Array.from(entries).flatMap(([key, { kind }]) => (kind === "rule" ? [key] : []));
    expect(rules.filter((key) => !checked.has(key))).toEqual([]);
    expect([...checked].filter((key) => !rules.includes(key))).toEqual([]);
  });
});
