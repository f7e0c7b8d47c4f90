import fc from "fast-check";
import { expect, test } from "vitest";
import { maskedMax, maskedMean, normalizeRows } from "./pooling.js";
import { padBatch } from "./text.js";

// Two rows of two positions, width 3; the second position of row 1 is padding.
const tokens = padBatch([Int32Array.of(5, 6), Int32Array.of(7)], 0);
const hidden = Float32Array.of(1, -2, 3, 3, -4, 5, -1, -2, -3, 99, 99, 99);

test("padding does not count", () => {
  expect(maskedMean(hidden, tokens)).toEqual(Float32Array.of(2, -3, 4, -1, -2, -3));
  expect(maskedMax(hidden, tokens)).toEqual(Float32Array.of(3, -2, 5, -1, -2, -3));
});

test("a row without tokens gives zeros", () => {
  const empty = { mask: BigInt64Array.of(0n, 0n), rows: 1, length: 2 };
  expect(maskedMean(Float32Array.of(5, 6), empty)).toEqual(Float32Array.of(0));
  expect(maskedMax(Float32Array.of(-5, -6), empty)).toEqual(Float32Array.of(0));
});

test("normalised rows have length 1, and zeros stay zeros", () => {
  expect(normalizeRows(Float32Array.of(3, 4, 0, 0), 2)).toEqual(Float32Array.of(0.6, 0.8, 0, 0));
  const value = fc.float({ min: 2 ** -20, max: 2 ** 20, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (row) => {
      const normalized = normalizeRows(Float32Array.from(row), row.length);
      expect(Math.hypot(...normalized)).toBeCloseTo(1, 5);
    }),
  );
});
