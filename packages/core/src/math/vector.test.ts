import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { addScaled, dot, toUnitLength } from "./vector.js";

const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 11 });

describe("vectors", () => {
  test.prop([numbers, fc.integer({ min: -9, max: 9 })])(
    "are multiplied and added whatever their length",
    (values, factor) => {
      const x = Float64Array.from(values);
      const y = x.map((value, i) => value + i);
      expect(dot(x, y)).toBe(values.reduce((sum, value, i) => sum + value * (value + i), 0));
      const sums = y.map((value, i) => value + factor * x[i]!);
      addScaled(y, factor, x);
      expect(y).toEqual(sums);
    },
  );

  it("are brought to unit length", () => {
    const vector = Float64Array.of(0, -8, 0);
    toUnitLength(vector);
    expect([...vector]).toEqual([0, -1, 0]);
  });

  it("become zeros where they are too short to have a direction", () => {
    for (const [length, negligible] of [
      [0, undefined],
      [1e-13, undefined],
      [1e-7, 1e-6],
    ] as const) {
      const vector = Float32Array.of(0, length);
      toUnitLength(vector, negligible);
      expect([...vector]).toEqual([0, 0]);
    }
    const short = Float64Array.of(0, 1e-7);
    toUnitLength(short);
    expect([...short]).toEqual([0, 1]);
  });
});
