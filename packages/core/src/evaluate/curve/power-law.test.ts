import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorAfter, examplesFor, fitPowerLaw, misfitOf, type PowerLaw } from "./power-law.js";

const SIZES = [50, 71, 100, 141, 200, 283, 400];

function pointsOf(law: PowerLaw) {
  return SIZES.map((examples) => ({
    examples,
    error: errorAfter(law, examples),
    standardError: 0.01,
  }));
}

describe("a power law", () => {
  it("is found again from points on it", () => {
    const laws = fc.record({
      a: fc.double({ min: 0.2, max: 5, noNaN: true }),
      b: fc.integer({ min: 5, max: 60 }).map((steps) => steps / 50),
      c: fc.double({ min: 0, max: 0.2, noNaN: true }),
    });
    fc.assert(
      fc.property(laws, (law) => {
        const found = fitPowerLaw(pointsOf(law));
        expect(misfitOf(found, pointsOf(law))).toBeLessThan(1e-9);
        for (const size of [100, 800, 1600]) {
          expect(errorAfter(found, size)).toBeCloseTo(errorAfter(law, size), 4);
        }
      }),
    );
  });

  it("never rises and never leads below 0, whatever it is fitted to", () => {
    const errors = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 2,
      maxLength: 7,
    });
    fc.assert(
      fc.property(errors, (values) => {
        const law = fitPowerLaw(
          values.map((error, at) => ({ examples: SIZES[at]!, error, standardError: 0.02 })),
        );
        expect(law.a).toBeGreaterThanOrEqual(0);
        expect(law.c).toBeGreaterThanOrEqual(0);
        expect(errorAfter(law, 1600)).toBeLessThanOrEqual(errorAfter(law, 800));
      }),
    );
  });

  it("says how many examples an error takes", () => {
    const law = { a: 2, b: 0.5, c: 0.05 };
    expect(examplesFor(law, errorAfter(law, 400))).toBeCloseTo(400, 6);
    expect(examplesFor(law, 0.05)).toBe(Number.POSITIVE_INFINITY);
    expect(examplesFor(law, 0.04)).toBe(Number.POSITIVE_INFINITY);
    expect(examplesFor({ ...law, a: 0 }, 0.05)).toBe(Number.POSITIVE_INFINITY);
  });

  it("trusts each point as far as its standard error says", () => {
    const law = { a: 2, b: 0.5, c: 0.05 };
    const points = pointsOf(law).map((point, at) =>
      at === 3 ? { ...point, error: point.error + 0.3, standardError: 1000 } : point,
    );
    expect(misfitOf(law, points)).toBeCloseTo((0.3 / 1000) ** 2, 12);
    const found = fitPowerLaw(points);
    for (const size of SIZES) {
      expect(errorAfter(found, size)).toBeCloseTo(errorAfter(law, size), 5);
    }
  });

  it("is the weighted mean where errors only rise", () => {
    const points = [0.1, 0.2, 0.6].map((error, at) => ({
      examples: SIZES[at]!,
      error,
      standardError: at === 2 ? 0.04 : 0.02,
    }));
    const { a, b, c } = fitPowerLaw(points);
    // Weights 4, 4 and 1. Of exponents that fit alike, the first.
    expect({ a, b }).toEqual({ a: 0, b: 0.02 });
    expect(c).toBeCloseTo((4 * 0.1 + 4 * 0.2 + 0.6) / 9, 12);
  });
});
