import { createRandom } from "@engraft/core";
import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import {
  continueFolds,
  encodeMeasurement,
  type Measurement,
  parseMeasurement,
  rememberMeasurement,
} from "./measurement.js";

const views = [{ name: "last", weight: 1, c: 100 }];

/** Folds of some old rows, with groups within one fold, and then groups and classes of all rows. */
const grown = fc.record({ old: fc.integer({ min: 4, max: 30 }), more: fc.nat(20) }).chain((sizes) =>
  fc.record({
    sizes: fc.constant(sizes),
    parts: fc.constantFrom(1, 2, 5),
    groups: fc.array(fc.nat(25), {
      minLength: sizes.old + sizes.more,
      maxLength: sizes.old + sizes.more,
    }),
    seed: fc.nat(),
  }),
);

test.prop([grown])(
  "folds go on: old rows stay, groups are whole",
  ({ sizes, parts, groups, seed }) => {
    const random = createRandom(seed);
    const folds = Int32Array.from({ length: sizes.old }, () => random.integer(parts + 1) - 1);
    const targets = Int32Array.from(groups, () => random.integer(3));
    const measurement = { folds, splits: Array.from({ length: parts }, () => views) };
    const after = continueFolds(measurement, Int32Array.from(groups), targets, random);
    expect(after).toHaveLength(groups.length);
    for (const [row, fold] of after.entries()) {
      expect(fold).toBeGreaterThanOrEqual(-1);
      expect(fold).toBeLessThan(parts);
      // An old row may cease to be tested, but is never tested by another fold.
      if (row < sizes.old && fold >= 0) expect(fold).toBe(folds[row]);
      for (const [other, fold2] of after.entries()) {
        if (groups[row] === groups[other]) expect(fold2).toBe(fold);
      }
    }
  },
);

it("of large data, a fifth of what is new is tested", () => {
  const groups = Int32Array.from({ length: 1100 }, (_, row) => row);
  const targets = groups.map((row) => row % 10);
  const folds = new Int32Array(1000).fill(-1);
  const after = continueFolds({ folds, splits: [views] }, groups, targets, createRandom(1));
  expect(after.filter((fold) => fold === 0)).toHaveLength(20);
});

it("is read as it was written", () => {
  const linear = { weights: Float64Array.from([1, 2, 3, 4]), bias: Float64Array.from([5, 6]) };
  const tfidf = {
    tokenization: { segmented: false },
    terms: new Map([["ü", 0]]),
    idf: Float64Array.from([1.5]),
  };
  const measurement: Measurement = {
    folds: Int32Array.from([0, -1]),
    splits: [
      [
        { name: "words", weight: 0.5, c: 10, linear, tfidf },
        { name: "nearest-mean", weight: 0 },
      ],
    ],
    chosenOn: 2,
    changedSince: 1,
  };
  expect(parseMeasurement(encodeMeasurement(measurement))).toEqual(measurement);
});

it("is not remembered where rows are tested more than once", () => {
  const split = { train: Int32Array.of(0, 1), test: Int32Array.of(2) };
  expect(rememberMeasurement([split, split, split, split], [views, views, views, views], 3)).toBe(
    undefined,
  );
});

it("keeps the classifiers of the one split of large data alone", () => {
  const linear = { weights: new Float64Array(2), bias: new Float64Array(2) };
  const fitted = [{ ...views[0]!, linear }];
  const halves = [
    { train: Int32Array.of(0), test: Int32Array.of(1) },
    { train: Int32Array.of(1), test: Int32Array.of(0) },
  ];
  expect(rememberMeasurement(halves.slice(0, 1), [fitted], 2)!.splits).toEqual([fitted]);
  expect(rememberMeasurement(halves, [fitted, fitted], 2)).toEqual({
    folds: Int32Array.of(1, 0),
    splits: [views, views],
    chosenOn: 2,
    changedSince: 0,
  });
});
