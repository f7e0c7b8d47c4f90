import { describe, expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { leadingEigenvectors } from "./eigenvectors.js";
import { type Matrix64, rowOf, toSingle, zeros64 } from "./matrix.js";
import { plainLinearAlgebra as algebra } from "./plain-linear-algebra.js";
import { dot } from "./vector.js";

const random = createRandom(3);

/** `Σ λᵢ qᵢ qᵢᵀ` for random orthonormal `qᵢ`. */
async function matrixWith(eigenvalues: readonly number[], size: number) {
  const seed = zeros64(size, size);
  for (let i = 0; i < seed.data.length; i++) seed.data[i] = random.normal();
  const gram = await algebra.multiply(seed, seed, { b: true });
  // Any full basis will do: the eigenvectors of another matrix.
  const basis = await leadingEigenvectors(toSingle(gram), size, algebra);
  const scaled: Matrix64 = { ...basis, data: basis.data.slice() };
  for (let row = 0; row < size; row++) {
    const value = eigenvalues[row] ?? 0;
    rowOf(scaled, row).forEach((entry, col, vector) => {
      vector[col] = entry * value;
    });
  }
  return { matrix: toSingle(await algebra.multiply(basis, scaled, { a: true })), basis };
}

describe("leadingEigenvectors", () => {
  it("finds the vectors of eigenvalues that differ, in falling order", async () => {
    const { matrix, basis } = await matrixWith([64, 16, 4, 1, 0.25], 12);
    const vectors = await leadingEigenvectors(matrix, 3, algebra);
    expect(vectors.rows).toBe(3);
    for (let row = 0; row < 3; row++) {
      const cosine = Math.abs(dot(rowOf(vectors, row), rowOf(basis, row)));
      expect(cosine).toBeCloseTo(1, 6);
    }
  });

  it("gives orthonormal rows, and no more than the rank", async () => {
    const { matrix } = await matrixWith([5, 4, 3, 2], 20);
    const vectors = await leadingEigenvectors(matrix, 9, algebra);
    expect(vectors.rows).toBe(4);
    for (let a = 0; a < vectors.rows; a++) {
      for (let b = 0; b < vectors.rows; b++) {
        expect(dot(rowOf(vectors, a), rowOf(vectors, b))).toBeCloseTo(a === b ? 1 : 0, 10);
      }
    }
  });
});
