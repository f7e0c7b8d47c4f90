import { describe, expect, it } from "vitest";
import { type Matrix32, zeros32 } from "../math/matrix.js";
import { plainLinearAlgebra as linearAlgebra } from "../math/plain-linear-algebra.js";
import { createRandom, type Random } from "../random/random.js";
import { shareOfUnlike } from "./unlike.js";

const WIDTH = 24;

/** Rows around one of two places, the second of which has a part `share` of them. */
function draw(rows: number, random: Random, share: number, places: readonly number[]): Matrix32 {
  const drawn = zeros32(rows, WIDTH);
  for (let row = 0; row < rows; row++) {
    const place = row < share * rows ? places[1]! : places[0]!;
    for (let col = 0; col < WIDTH; col++) {
      drawn.data[row * WIDTH + col] = random.normal() + (col === place ? 9 : 0);
    }
  }
  return drawn;
}

/** Examples around the same place are of the same class. */
function measure(embeddings: Matrix32, rows: Matrix32, groups?: Int32Array) {
  const alone = Int32Array.from({ length: embeddings.rows }, (_, row) => row);
  const targets = alone.map((row) => Number(embeddings.data[row * WIDTH]! > 4));
  return shareOfUnlike({ embeddings, targets, groups: groups ?? alone }, rows, linearAlgebra);
}

describe("the share of rows that are unlike examples", () => {
  it("is as large as the part of them that is from elsewhere", async () => {
    for (const part of [0.25, 0.5, 1]) {
      const random = createRandom(1);
      const examples = draw(60, random, 0.5, [0, 1]);
      const alike = draw(400 * (1 - part), random, 0.5, [0, 1]);
      const elsewhere = draw(400 * part, random, 0.5, [2, 3]);
      const data = Float32Array.from([...alike.data, ...elsewhere.data]);
      const { share } = (await measure(examples, { rows: 400, cols: WIDTH, data }))!;
      expect(Math.abs(share - part), `${part}`).toBeLessThan(0.12);
    }
  });

  it("is small where both are from one source, whatever the shares of the classes", async () => {
    let beyond = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = createRandom(seed);
      const examples = draw(4 * 2 ** (seed % 4), random, 0.5, [0, 1]);
      const rows = draw(200, random, [0.5, 0.1, 0.9][seed % 3]!, [0, 1]);
      const { share, standardError } = (await measure(examples, rows))!;
      if (share > 2 * standardError) beyond += 1;
    }
    expect(beyond).toBeLessThanOrEqual(3);
  });

  it("does not count near-duplicates of an example as others, or too few examples", async () => {
    const random = createRandom(3);
    const once = draw(10, random, 0.5, [0, 1]);
    const rows = draw(200, random, 0.5, [0, 1]);
    const data = Float32Array.from([...once.data, ...once.data]);
    const twice = { rows: 20, cols: WIDTH, data };
    const groups = Int32Array.from({ length: 20 }, (_, row) => row % 10);
    const [alone, grouped] = [await measure(once, rows), await measure(twice, rows, groups)];
    expect(Math.abs(alone!.share - grouped!.share)).toBeLessThan(0.05);
    expect(grouped!.standardError).toBe(alone!.standardError);
    expect((await measure(twice, rows))!.share).toBeGreaterThan(0.9);
    expect(await measure(twice, rows, new Int32Array(20))).toBeUndefined();
    expect(await measure(once, zeros32(0, WIDTH))).toBeUndefined();
  });
});
