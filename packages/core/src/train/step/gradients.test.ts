import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { clipByNorm, globalNorm } from "./gradients.js";

const arrays = fc.array(
  fc
    .array(fc.float({ min: -100, max: 100, noNaN: true }), { maxLength: 6 })
    .map((values) => Float32Array.from(values)),
  { maxLength: 4 },
);

describe("clipByNorm", () => {
  test.prop([arrays, fc.double({ min: 1e-3, max: 1e3, noNaN: true })])(
    "shortens to the limit, and keeps the direction",
    (gradients, limit) => {
      const before = gradients.map((gradient) => gradient.slice());
      const norm = globalNorm(gradients);
      clipByNorm(gradients, norm, limit);
      if (norm <= limit - 1e-5) {
        expect(gradients).toEqual(before);
        return;
      }
      expect(globalNorm(gradients)).toBeLessThanOrEqual(limit * (1 + 1e-6));
      expect(globalNorm(gradients)).toBeGreaterThan(limit * 0.99 - 1e-3);
      gradients.forEach((gradient, i) => {
        gradient.forEach((value, k) => {
          expect(value).toBeCloseTo((before[i]![k]! * limit) / norm, 2);
        });
      });
    },
  );
});

describe("globalNorm", () => {
  it("is that of all gradients together", () => {
    expect(globalNorm([Float32Array.of(3, 0), Float32Array.of(0, 4)])).toBe(5);
  });

  it("shows that a gradient is not a number", () => {
    expect(globalNorm([Float32Array.of(1), Float32Array.of(Number.NaN)])).toBeNaN();
  });
});
