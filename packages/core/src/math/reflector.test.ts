import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { type Matrix64, rowOf, zeros64 } from "./matrix.js";
import { multiply, plainLinearAlgebra } from "./plain-linear-algebra.js";
import { applyReflector, reflectorFor } from "./reflector.js";

function randomMatrix(rows: number, cols: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  return { rows, cols, data: Float64Array.from({ length: rows * cols }, () => random.normal()) };
}

function copy(matrix: Matrix64): Matrix64 {
  return { ...matrix, data: matrix.data.slice() };
}

function expectClose(a: Matrix64, b: Matrix64): void {
  a.data.forEach((value, i) => {
    expect(value).toBeCloseTo(b.data[i]!, 10);
  });
}

/** Sizes k <= d, and a seed. */
const sizes = fc
  .integer({ min: 1, max: 9 })
  .chain((d) => fc.tuple(fc.integer({ min: 0, max: d }), fc.constant(d), fc.nat()));

describe("reflectorFor", () => {
  test.prop([sizes])("makes an orthogonal matrix", async ([k, d, seed]) => {
    const reflector = reflectorFor(randomMatrix(k, d, seed));
    const x = randomMatrix(3, d, seed + 1);
    const turned = copy(x);
    await applyReflector(turned, reflector, plainLinearAlgebra);
    expectClose(multiply(turned, turned, { b: true }), multiply(x, x, { b: true }));
    await applyReflector(turned, reflector, plainLinearAlgebra, { inverse: true });
    expectClose(turned, x);
  });

  test.prop([sizes])("puts row i into the first i coordinates", async ([k, d, seed]) => {
    const rows = randomMatrix(k, d, seed);
    await applyReflector(rows, reflectorFor(rows), plainLinearAlgebra);
    for (let i = 0; i < k; i++) {
      for (const value of rowOf(rows, i).subarray(i + 1)) expect(value).toBeCloseTo(0, 10);
    }
  });

  it("is the identity for rows of zeros", async () => {
    const x = randomMatrix(4, 5, 1);
    const same = copy(x);
    await applyReflector(same, reflectorFor(zeros64(2, 5)), plainLinearAlgebra);
    expect(same).toEqual(x);
  });
});
