import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { type Matrix64, toSingle, transposed } from "./matrix.js";
import { multiply, plainLinearAlgebra } from "./plain-linear-algebra.js";

function randomMatrix(rows: number, cols: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  return { rows, cols, data: Float64Array.from({ length: rows * cols }, () => random.normal()) };
}

/** By definition. */
function reference(a: Matrix64, b: Matrix64): number[] {
  return Array.from({ length: a.rows * b.cols }, (_, at) => {
    const [row, col] = [Math.floor(at / b.cols), at % b.cols];
    let sum = 0;
    for (let i = 0; i < a.cols; i++) sum += a.data[row * a.cols + i]! * b.data[i * b.cols + col]!;
    return sum;
  });
}

const size = fc.integer({ min: 0, max: 40 });

describe("multiply", () => {
  test.prop([size, size, size, fc.boolean(), fc.boolean(), fc.nat()])(
    "multiplies matrices of every shape, transposed or not",
    (rows, inner, cols, a, b, seed) => {
      const left = randomMatrix(rows, inner, seed);
      const right = randomMatrix(inner, cols, seed + 1);
      const product = multiply(a ? transposed(left) : left, b ? transposed(right) : right, {
        a,
        b,
      });
      expect([product.rows, product.cols]).toEqual([rows, cols]);
      reference(left, right).forEach((value, i) => {
        expect(product.data[i]).toBeCloseTo(value, 10);
      });
    },
  );

  it("keeps the precision of its operands", async () => {
    const single = toSingle(randomMatrix(3, 3, 1));
    const product = await plainLinearAlgebra.multiply(single, single);
    expect(product.data).toBeInstanceOf(Float32Array);
  });

  it("refuses inner sizes that differ", () => {
    expect(() => multiply(randomMatrix(2, 3, 1), randomMatrix(4, 5, 1))).toThrow(
      "Cannot multiply 2 x 3 by 4 x 5: the inner sizes differ.",
    );
  });
});
