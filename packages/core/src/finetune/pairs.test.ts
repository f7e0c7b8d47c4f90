import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { contrastSamples } from "./pair-samples.js";
import { drawPairs } from "./pairs.js";
import { PAIR_SIDES } from "./source-graph.js";

const classes = fc.array(fc.nat(3), { minLength: 2, maxLength: 60 }).map((c) => Int32Array.from(c));

test.prop([classes, fc.nat(100)])("pairs are alike exactly within a class", (targets, seed) => {
  const pairs = drawPairs(targets, createRandom(seed));
  expect(pairs.length).toBeGreaterThan(0);
  for (const { first, second, alike } of pairs) {
    expect(first).not.toBe(second);
    expect(targets[first] === targets[second]).toBe(alike);
  }
});

it.each([
  [20, 400],
  [128, 2560],
  [616, 2560],
  [770, 2560],
  [5000, 2560],
])("%i examples begin %i pairs, half of them alike", (count, expected) => {
  const targets = Int32Array.from({ length: count }, (_, row) => row % 4);
  const pairs = drawPairs(targets, createRandom(1));
  expect(pairs).toHaveLength(expected);
  expect(pairs.filter(({ alike }) => alike)).toHaveLength(expected / 2);
});

it("a batch reads an example once, however many of its pairs have it", () => {
  const pairs = [
    { first: 0, second: 1, alike: true },
    { first: 0, second: 2, alike: false },
    { first: 2, second: 1, alike: false },
  ];
  const samples = contrastSamples(pairs, [5, 9, 7]);
  expect(samples.count).toBe(3);
  expect(samples.lengths).toEqual([9, 7, 9]);
  const batch = [2, 0];
  const rows = samples.examples(batch);
  expect(rows.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  expect([...samples.targets(batch).data]).toEqual([0, 1]);
  const others = samples.others!(batch);
  const sides = Array.from(
    others.get(PAIR_SIDES)!.data as BigInt64Array,
    (row) => rows[Number(row)],
  );
  expect(sides).toEqual([2, 0, 1, 1]);
});
