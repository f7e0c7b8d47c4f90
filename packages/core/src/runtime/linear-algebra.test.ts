import * as ort from "onnxruntime-node";
import { afterAll, describe, expect, it, vi } from "vitest";
import { type Matrix64, toSingle, transposed } from "../math/matrix.js";
import { multiply } from "../math/plain-linear-algebra.js";
import { createRandom } from "../random/random.js";
import { onnxLinearAlgebra } from "./linear-algebra.js";
import { ortRuntime } from "./ort.js";

function randomMatrix(rows: number, cols: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  return { rows, cols, data: Float64Array.from({ length: rows * cols }, () => random.normal()) };
}

const runtime = ortRuntime(ort);
const algebra = onnxLinearAlgebra(runtime);
afterAll(() => algebra.release());

/** One that is large enough for the runtime, and one that is not. */
const shapes = [
  [70, 60, 50],
  [3, 4, 5],
] as const;

describe("onnxLinearAlgebra", () => {
  for (const [rows, inner, cols] of shapes) {
    for (const a of [false, true]) {
      for (const b of [false, true]) {
        const name = `${rows} x ${inner} by ${inner} x ${cols}, transposed: ${a}, ${b}`;
        const left = randomMatrix(rows, inner, 1);
        const right = randomMatrix(inner, cols, 2);
        const expected = multiply(left, right);
        const operands = [a ? transposed(left) : left, b ? transposed(right) : right] as const;

        it(`multiplies in double precision: ${name}`, async () => {
          const product = await algebra.multiply(operands[0], operands[1], { a, b });
          expect([product.rows, product.cols]).toEqual([rows, cols]);
          expect(product.data).toBeInstanceOf(Float64Array);
          product.data.forEach((value, i) => {
            expect(value).toBeCloseTo(expected.data[i]!, 10);
          });
        });

        it(`multiplies in single precision: ${name}`, async () => {
          const [x, y] = [toSingle(operands[0]), toSingle(operands[1])];
          const product = await algebra.multiply(x, y, { a, b });
          expect(product.data).toBeInstanceOf(Float32Array);
          product.data.forEach((value, i) => {
            expect(value).toBeCloseTo(expected.data[i]!, 3);
          });
        });
      }
    }
  }

  it("reads operands that are a part of a larger array", async () => {
    const whole = randomMatrix(120, 60, 5);
    const part = { rows: 60, cols: 60, data: whole.data.subarray(60 * 60) };
    const product = await algebra.multiply(part, whole, { b: true });
    const expected = multiply(part, whole, { b: true });
    product.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.data[i]!, 10);
    });
  });

  it("leaves its operands as they are", async () => {
    const x = randomMatrix(60, 60, 3);
    const copy = x.data.slice();
    await algebra.multiply(x, x);
    expect(x.data).toEqual(copy);
  });

  it("refuses inner sizes that differ, whatever their size", async () => {
    const product = algebra.multiply(randomMatrix(100, 90, 1), randomMatrix(80, 100, 1));
    await expect(product).rejects.toThrow("the inner sizes differ");
  });

  it("makes one model for each kind of product, and again after a release", async () => {
    const createSession = vi.fn(runtime.createSession.bind(runtime));
    const own = onnxLinearAlgebra({ ...runtime, createSession });
    const x = randomMatrix(60, 60, 4);
    await Promise.all([own.multiply(x, x), own.multiply(x, x)]);
    await own.multiply(x, x, { b: true });
    expect(createSession).toHaveBeenCalledTimes(2);
    await own.release();
    await own.multiply(x, x);
    expect(createSession).toHaveBeenCalledTimes(3);
    await own.release();
  });
});
