import { describe, expect, it } from "vitest";
import type { Matrix32 } from "../math/matrix.js";
import { plainLinearAlgebra } from "../math/plain-linear-algebra.js";
import { createRandom } from "../random/random.js";
import { kMeans } from "./k-means.js";

const matrix = (points: readonly (readonly number[])[]): Matrix32 => ({
  rows: points.length,
  cols: 2,
  data: Float32Array.from(points.flat()),
});

const cluster = (rows: Matrix32, clusters: number, seed = 1, signal?: AbortSignal) =>
  kMeans({
    rows,
    clusters,
    linearAlgebra: plainLinearAlgebra,
    random: createRandom(seed),
    signal,
  });

/** Points around (0, 0), (10, 0) and (0, 10), one of each by turns. */
function threeHeaps(points: number): Matrix32 {
  const random = createRandom(3);
  const around = [
    [0, 0],
    [10, 0],
    [0, 10],
  ] as const;
  return matrix(
    Array.from({ length: points }, (_, row) =>
      around[row % 3]!.map((value) => value + random.normal()),
    ),
  );
}

describe("k-means", () => {
  it("finds heaps, whatever it begins with", async () => {
    const rows = threeHeaps(60);
    for (const seed of [1, 2, 3, 4, 5]) {
      const found = await cluster(rows, 3, seed);
      expect(new Set(found.slice(0, 3)).size).toBe(3);
      found.forEach((one, row) => {
        expect(one).toBe(found[row % 3]);
      });
    }
  });

  it("gives the same clusters for the same seed", async () => {
    const rows = threeHeaps(90);
    expect(await cluster(rows, 7, 5)).toEqual(await cluster(rows, 7, 5));
  });

  it("assigns each row to the nearest mean, and means lie in the middle of their rows", async () => {
    const rows = threeHeaps(120);
    const found = await cluster(rows, 6);
    const means = Array.from({ length: 6 }, (_, k) => {
      const own = [...found.keys()].filter((row) => found[row] === k);
      return [0, 1].map(
        (col) => own.reduce((sum, row) => sum + rows.data[2 * row + col]!, 0) / own.length,
      );
    });
    found.forEach((one, row) => {
      const apart = means.map(([x, y]) =>
        Math.hypot(rows.data[2 * row]! - x!, rows.data[2 * row + 1]! - y!),
      );
      expect(apart[one]).toBeCloseTo(Math.min(...apart), 4);
    });
  });

  it("makes no more clusters than there are rows, and one each then", async () => {
    const found = await cluster(
      matrix([
        [0, 0],
        [1, 0],
        [5, 5],
      ]),
      9,
    );
    expect([...found].sort((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  it("takes rows that are equal", async () => {
    const found = await cluster(
      matrix([
        [1, 1],
        [1, 1],
        [1, 1],
        [4, 4],
      ]),
      3,
    );
    expect(new Set(found.slice(0, 3)).size).toBe(1);
    expect(found[3]).not.toBe(found[0]);
  });

  it("finds means by a part of very many rows, and assigns all", async () => {
    const rows = threeHeaps(30_000);
    const found = await cluster(rows, 3);
    const wrong = found.filter((one, row) => one !== found[row % 3]).length;
    expect(wrong).toBeLessThan(30);
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(cluster(threeHeaps(9), 2, 1, signal)).rejects.toThrow("stopped");
  });
});
