import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { type Matrix32, zeros32 } from "../../math/matrix.js";
import { plainLinearAlgebra as linearAlgebra } from "../../math/plain-linear-algebra.js";
import { createRandom } from "../../random/random.js";
import { groupNearDuplicates } from "./duplicates.js";
import { normalizedText } from "./normalized-text.js";
import { allSimilarPairs, mostSimilarPairs } from "./similar-pairs.js";

const random = createRandom(11);

/**
 * Random directions. The rows from `rows - planted` on copy the first ones, with noise that leaves a
 * cosine of about `cosine`.
 */
function withPlanted(rows: number, cols: number, planted: number, cosine: number): Matrix32 {
  const matrix = zeros32(rows, cols);
  const noise = Math.sqrt(1 / cosine ** 2 - 1);
  for (let row = 0; row < rows; row++) {
    const original = row - (rows - planted);
    for (let col = 0; col < cols; col++) {
      matrix.data[row * cols + col] =
        original < 0
          ? random.normal()
          : matrix.data[original * cols + col]! + noise * random.normal();
    }
  }
  return matrix;
}

function unitRows(matrix: Matrix32): Matrix32 {
  const result = { ...matrix, data: matrix.data.slice() };
  for (let row = 0; row < matrix.rows; row++) {
    const vector = result.data.subarray(row * matrix.cols, (row + 1) * matrix.cols);
    const length = Math.hypot(...vector);
    vector.forEach((value, col) => {
      vector[col] = value / length;
    });
  }
  return result;
}

const distinct = (rows: number): string[] =>
  Array.from({ length: rows }, (_, row) => `hash ${row}`);

describe("groupNearDuplicates", () => {
  const group = (contentHashes: string[], embeddings: Matrix32, threshold = 0.95) =>
    groupNearDuplicates({ contentHashes, embeddings, threshold, linearAlgebra, random });

  it("joins equal hashes and similar embeddings, directly or through others", async () => {
    const embeddings = withPlanted(40, 64, 4, 0.999);
    const hashes = distinct(40);
    hashes[39] = "hash 20";
    hashes[21] = "hash 20";
    const { groups, clusters } = await group(hashes, embeddings);
    // 36 to 39 copy 0 to 3; 20, 21 and 39 have the same content.
    expect(clusters.map((rows) => [...rows])).toEqual([
      [3, 20, 21, 39],
      [0, 36],
      [1, 37],
      [2, 38],
    ]);
    expect(new Set(groups).size).toBe(34);
    expect(groups[39]).toBe(groups[3]);
  });

  it("does not depend on scale, nor on what all rows have in common", async () => {
    const plain = withPlanted(60, 32, 5, 0.995);
    const shifted = unitRows(plain);
    for (let i = 0; i < shifted.data.length; i++) shifted.data[i] = 3 * (shifted.data[i]! + 2);
    const scaled = { ...plain, data: plain.data.map((value) => value * 1e-4) };
    const expected = await group(distinct(60), plain);
    expect(expected.clusters).toHaveLength(5);
    expect(await group(distinct(60), scaled)).toEqual(expected);
    expect((await group(distinct(60), shifted)).clusters).toEqual(expected.clusters);
  });

  it("compares blocks of rows with one another", async () => {
    const { clusters } = await group(distinct(2500), withPlanted(2500, 16, 300, 0.9999), 0.999);
    expect(clusters).toHaveLength(300);
    for (const [original, copy] of clusters) expect(copy).toBe(original! + 2200);
  });

  it("takes rows of zeros for unlike anything, and no rows for no groups", async () => {
    const { clusters } = await group(distinct(3), zeros32(3, 4));
    expect(clusters).toEqual([]);
    expect((await group([], zeros32(0, 4))).groups).toHaveLength(0);
  });

  it("refuses a wrong number of hashes", async () => {
    await expect(group(["a"], zeros32(2, 4))).rejects.toThrow("1 hashes for 2 embeddings");
  });

  test.prop([fc.array(fc.nat(5), { minLength: 1, maxLength: 30 })])(
    "numbers groups from 0 in order of first appearance",
    async (contents) => {
      const { groups } = await group(contents.map(String), zeros32(contents.length, 2));
      const seen = [...new Set(contents)];
      expect([...groups]).toEqual(contents.map((content) => seen.indexOf(content)));
    },
  );
});

describe("mostSimilarPairs", () => {
  it.each([
    { cosine: 0.93, threshold: 0.9, found: 0.95 },
    { cosine: 0.97, threshold: 0.95, found: 0.99 },
  ])("finds nearly all pairs above $threshold, and no others", async (given) => {
    const vectors = unitRows(withPlanted(1600, 96, 400, given.cosine));
    const exact = new Set<string>();
    await allSimilarPairs(vectors, given.threshold, linearAlgebra, (one, other) => {
      exact.add(`${one} ${other}`);
    });
    const approximate = new Set<string>();
    await mostSimilarPairs(vectors, given.threshold, linearAlgebra, random, (one, other) => {
      approximate.add(`${Math.min(one, other)} ${Math.max(one, other)}`);
    });
    expect(exact.size).toBeGreaterThan(300);
    expect(approximate.size).toBeGreaterThanOrEqual(given.found * exact.size);
    for (const pair of approximate) expect(exact.has(pair)).toBe(true);
  });
});

describe("normalizedText", () => {
  it.each([
    ["  Hello,\r\n\tWORLD ", "hello, world"],
    ["ﬁne １２\u00a0€", "fine 12 €"],
    ["Cafe\u0301", "café"],
    ["", ""],
  ])("turns %j into %j", (text, expected) => {
    expect(normalizedText(text)).toBe(expected);
  });

  test.prop([fc.string({ unit: "binary" })])("changes nothing the second time", (text) => {
    const once = normalizedText(text);
    expect(normalizedText(once)).toBe(once);
  });
});
