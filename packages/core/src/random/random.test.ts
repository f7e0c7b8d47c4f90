import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.js";
import { createRandom, type Random } from "./random.js";

const seeds = fc.maxSafeInteger();
const draw = (random: Random, count = 8): number[] =>
  Array.from({ length: count }, () => random.double());

describe("createRandom", () => {
  test.prop([seeds])("gives the same numbers for the same seed", (seed) => {
    expect(draw(createRandom(seed))).toEqual(draw(createRandom(seed)));
  });

  test.prop([seeds, seeds])("gives other numbers for another seed", (one, other) => {
    fc.pre(one !== other);
    expect(draw(createRandom(one))).not.toEqual(draw(createRandom(other)));
  });

  it("keeps its numbers from version to version", () => {
    const random = createRandom(42);
    expect([random.integer(1000), random.double(), random.derive("folds").integer(1000)]).toEqual([
      415, 0.6205849632137097, 355,
    ]);
  });

  it.each([0.5, Number.NaN, 2 ** 53])("refuses the seed %s", (seed) => {
    expect(() => createRandom(seed)).toThrow(UsageError);
  });
});

describe("derive", () => {
  test.prop([seeds, fc.nat(20)])("does not depend on what was drawn before", (seed, drawn) => {
    const random = createRandom(seed);
    draw(random, drawn);
    expect(draw(random.derive("folds"))).toEqual(draw(createRandom(seed).derive("folds")));
  });

  test.prop([fc.array(fc.string(), { maxLength: 4 }), fc.array(fc.string(), { maxLength: 4 })])(
    "gives another stream for every path of labels",
    (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      const along = (labels: string[]) =>
        labels.reduce((random, label) => random.derive(label), createRandom(1));
      expect(draw(along(one))).not.toEqual(draw(along(other)));
    },
  );
});

describe("the numbers", () => {
  const random = createRandom(7);
  const count = 20_000;

  it("are uniform whole numbers", () => {
    const seen = new Array<number>(10).fill(0);
    for (let i = 0; i < count; i++) seen[random.integer(10)]!++;
    // Five standard deviations of a binomial count.
    for (const times of seen) expect(Math.abs(times - count / 10)).toBeLessThan(5 * 42.4);
  });

  it("have the moments of their distributions", () => {
    const uniform = draw(random, count);
    const normal = Array.from({ length: count }, () => random.normal());
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / count;
    expect(mean(uniform)).toBeCloseTo(0.5, 1.7);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    expect(Math.abs(mean(normal))).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(mean(normal.map((value) => value * value)) - 1)).toBeLessThan(0.05);
  });

  test.prop([seeds, fc.array(fc.integer())])(
    "are a permutation after a shuffle",
    (seed, values) => {
      const shuffled = createRandom(seed).shuffle([...values]);
      expect(shuffled.toSorted((a, b) => a - b)).toEqual(values.toSorted((a, b) => a - b));
    },
  );

  it("reach every order of three values about equally often", () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(Int32Array.of(1, 2, 3)).join("");
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const times of seen.values()) expect(Math.abs(times - 1000)).toBeLessThan(5 * 28.9);
  });
});
