import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { createRandom } from "../random/random.js";
import { type Matrix, type Matrix64, selectRows, toSingle } from "./matrix.js";
import { multiply } from "./plain-linear-algebra.js";
import {
  type Csr,
  gramSparse,
  multiplySparse,
  multiplySparseDense,
  multiplySparseTransposed,
  multiplyTransposedSparseDense,
  selectSparseRows,
} from "./sparse.js";

/** A third of the elements are not zero. */
function randomSparse(rows: number, cols: number, seed: number): { dense: Matrix64; sparse: Csr } {
  const random = createRandom(seed);
  const dense = {
    rows,
    cols,
    data: Float64Array.from({ length: rows * cols }, () =>
      random.double() < 1 / 3 ? random.normal() : 0,
    ),
  };
  return { dense, sparse: toSparse(dense) };
}

function toSparse({ rows, cols, data }: Matrix64): Csr {
  const entries = [...data.entries()].filter(([, value]) => value !== 0);
  const rowOffsets = Int32Array.from({ length: rows + 1 }, (_, row) =>
    entries.reduce((count, [at]) => count + Number(at < row * cols), 0),
  );
  return {
    rows,
    cols,
    rowOffsets,
    columns: Int32Array.from(entries, ([at]) => at % cols),
    values: Float64Array.from(entries, ([, value]) => value),
  };
}

const size = fc.integer({ min: 1, max: 9 });

describe("sparse matrices act as dense ones", () => {
  test.prop([size, size, size, fc.nat()])("in products", (rows, cols, width, seed) => {
    const { dense, sparse } = randomSparse(rows, cols, seed);
    const left = randomSparse(width, rows, seed + 1).dense;
    const wide = randomSparse(width, cols, seed + 2).dense;
    expectClose(multiplySparse(left, sparse), multiply(left, dense));
    expectClose(multiplySparseTransposed(wide, sparse), multiply(wide, dense, { b: true }));
    expectClose(gramSparse(sparse), multiply(dense, dense, { b: true }));
    const [below, beside] = [cols, rows].map((of) => toSingle(randomSparse(of, width, seed).dense));
    expectClose(multiplySparseDense(sparse, below!), multiply(toSingle(dense), below!), 5);
    const transposed = multiply(toSingle(dense), beside!, { a: true });
    expectClose(multiplyTransposedSparseDense(sparse, beside!), transposed, 5);
  });

  test.prop([size, size, fc.nat(), fc.array(fc.nat({ max: 8 }))])(
    "in selections of rows",
    (rows, cols, seed, picks) => {
      const { dense, sparse } = randomSparse(rows, cols, seed);
      const chosen = Int32Array.from(picks, (pick) => pick % rows);
      expect(selectSparseRows(sparse, chosen)).toEqual(toSparse(selectRows(dense, chosen)));
    },
  );
});

function expectClose(a: Matrix, b: Matrix, digits = 10): void {
  expect([a.rows, a.cols]).toEqual([b.rows, b.cols]);
  a.data.forEach((value, i) => {
    expect(value).toBeCloseTo(b.data[i]!, digits);
  });
}
