import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import { createRandom } from "../../random/random.js";
import { countBatches, shuffledBatches } from "./batches.js";

const options = fc.record({
  count: fc.integer({ min: 0, max: 60 }),
  size: fc.integer({ min: 1, max: 20 }),
  dropLast: fc.boolean(),
  lengths: fc.option(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 60, maxLength: 60 }), {
    nil: undefined,
  }),
});

test.prop([options, fc.nat(100), fc.nat(5)])(
  "hold every sample at most once",
  (options, seed, epoch) => {
    const { count, size, dropLast } = options;
    const batches = shuffledBatches(options, createRandom(seed), epoch);
    expect(batches).toHaveLength(countBatches(options));
    const samples = batches.flat();
    expect(new Set(samples).size).toBe(samples.length);
    expect(samples.every((sample) => sample >= 0 && sample < count)).toBe(true);
    if (!dropLast || count < size) expect(samples).toHaveLength(count);
    else expect(batches.every((batch) => batch.length === size)).toBe(true);
  },
);

it("depend on the seed and the epoch alone", () => {
  const options = { count: 20, size: 6, dropLast: false };
  const random = createRandom(1);
  const first = shuffledBatches(options, random, 0);
  random.double();
  expect(shuffledBatches(options, random, 0)).toEqual(first);
  expect(shuffledBatches(options, random, 1)).not.toEqual(first);
  expect(shuffledBatches(options, createRandom(2), 0)).not.toEqual(first);
});

it("hold samples of about equal length", () => {
  const random = createRandom(1);
  const lengths = Array.from({ length: 640 }, () => 5 + random.integer(60));
  const padded = (known: readonly number[] | undefined): number => {
    const options = { count: lengths.length, size: 16, dropLast: false, lengths: known };
    const batches = shuffledBatches(options, createRandom(2), 0);
    const longest = batches.map((batch) => Math.max(...batch.map((sample) => lengths[sample]!)));
    return longest.reduce((sum, length) => sum + 16 * length, 0);
  };
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  expect(padded(lengths)).toBeLessThan(1.15 * tokens);
  expect(padded(undefined)).toBeGreaterThan(1.6 * tokens);
});
