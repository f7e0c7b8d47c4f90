import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { cholesky, solve, solveTransposed } from "./cholesky.js";
import { type Matrix64, selectRows } from "./matrix.js";
import { multiply } from "./plain-linear-algebra.js";

function randomMatrix(rows: number, cols: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  return { rows, cols, data: Float64Array.from({ length: rows * cols }, () => random.normal()) };
}

function expectClose(a: Matrix64, b: Matrix64): void {
  expect([a.rows, a.cols]).toEqual([b.rows, b.cols]);
  a.data.forEach((value, i) => {
    expect(Math.abs(value - b.data[i]!)).toBeLessThan(1e-8);
  });
}

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 12 }),
  cols: fc.integer({ min: 1, max: 12 }),
  seed: fc.nat(),
});

describe("cholesky", () => {
  test.prop([shapes])("factors Gram matrices of any rank", ({ rows, cols, seed }) => {
    const x = randomMatrix(rows, cols, seed);
    const gram = multiply(x, x, { b: true });
    const { factor, pivots } = cholesky(gram);
    const rank = Math.min(rows, cols);
    const diagonal = diagonalOf(factor, pivots);
    expect(pivots.length).toBeGreaterThanOrEqual(rank);
    // Small pivots magnify rounding: what they leave of a dependent row may look like a pivot.
    for (const root of diagonal.slice(rank)) {
      expect(root).toBeLessThan(1e-3 * Math.max(...diagonal));
    }
    expectClose(multiply(factor, factor, { b: true }), gram);
  });

  it("gives duplicate rows no pivot of their own", () => {
    const x = selectRows(randomMatrix(3, 8, 1), Int32Array.of(0, 0, 1, 0, 2, 1));
    const gram = multiply(x, x, { b: true });
    const { factor, pivots } = cholesky(gram);
    expect([...pivots]).toEqual([0, 2, 4]);
    expectClose(multiply(factor, factor, { b: true }), gram);
  });

  it("gives a matrix of zeros rank 0", () => {
    const { factor, pivots } = cholesky({ rows: 2, cols: 2, data: new Float64Array(4) });
    expect([factor.rows, factor.cols, pivots.length]).toEqual([2, 0, 0]);
  });

  test.prop([shapes])("solves with the transposed factor", ({ rows, cols, seed }) => {
    const x = randomMatrix(rows, cols, seed);
    const decomposition = cholesky(multiply(x, x, { b: true }));
    const vectors = randomMatrix(2, decomposition.pivots.length, seed + 1);
    const solution = solveTransposed(decomposition, vectors);
    const ratio = condition(decomposition.factor, decomposition.pivots);
    fc.pre(ratio > 1e-3);
    expectClose(multiply(solution, decomposition.factor), vectors);
  });

  test.prop([fc.integer({ min: 1, max: 10 }), fc.nat()])("solves equations", (size, seed) => {
    const x = randomMatrix(size, 2 * size + 2, seed);
    const a = multiply(x, x, { b: true });
    const expected = randomMatrix(1, size, seed + 1);
    const solution = solve(cholesky(a), multiply(expected, a).data);
    expectClose({ rows: 1, cols: size, data: solution }, expected);
  });
});

/** Smallest over largest pivot, a rough measure of how well a solve can do. */
function condition(factor: Matrix64, pivots: Int32Array): number {
  const diagonal = diagonalOf(factor, pivots);
  return Math.min(...diagonal) / Math.max(...diagonal);
}

/** The square root of each pivot. */
function diagonalOf(factor: Matrix64, pivots: Int32Array): number[] {
  return Array.from(pivots, (row, col) => factor.data[row * factor.cols + col]!);
}
