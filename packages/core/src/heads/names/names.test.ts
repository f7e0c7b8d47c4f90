import { describe, expect, it } from "vitest";
import { rowOf, zeros32, zeros64 } from "../../math/matrix.js";
import { plainLinearAlgebra as linearAlgebra } from "../../math/plain-linear-algebra.js";
import { indexOfLargest, toUnitLength } from "../../math/vector.js";
import { createRandom } from "../../random/random.js";
import { areBetterThanChance, binomialTail, fitNames, namesModel } from "./names.js";

const [CLASSES, WIDTH, PER_CLASS] = [3, 16, 20];
const ROWS = CLASSES * PER_CLASS;
const random = createRandom(3);

/** Names that have most in common with one another, and rows that have something else in common. */
const vectors = zeros32(CLASSES, WIDTH);
const features = zeros32(ROWS, WIDTH);
const targets = Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES);
for (let k = 0; k < CLASSES; k++) {
  const name = rowOf(vectors, k);
  name[k] = 1;
  name[10] = 5;
  toUnitLength(name);
}
targets.forEach((target, row) => {
  const vector = rowOf(features, row);
  for (let col = 0; col < WIDTH; col++) vector[col] = 0.15 * random.normal();
  vector[target]! += 0.6;
  vector[11] = 4;
  toUnitLength(vector);
});
const names = { vectors, areDescriptions: false };

describe("names of labels", () => {
  it("find the class of a row, whatever all rows and all names have in common", async () => {
    const { model, logProbabilities } = await fitNames({ names, features, targets, linearAlgebra });
    const right = targets.filter(
      (target, row) => indexOfLargest(rowOf(logProbabilities, row)) === target,
    );
    expect(right.length / ROWS).toBeGreaterThan(0.9);
    expect(rowOf(logProbabilities, 0).reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(
      1,
      12,
    );
    expect(1 / model.temperature).toBeGreaterThan(5);
    expect(areBetterThanChance(logProbabilities, targets, CLASSES)).toBe(true);
  });

  it("say less and less where labels have nothing to do with them", async () => {
    const other = targets.map((_, row) => Math.floor(row / PER_CLASS));
    const { model, logProbabilities } = await fitNames({
      names,
      features,
      targets: other,
      linearAlgebra,
    });
    expect(1 / model.temperature).toBeLessThan(1);
    expect(areBetterThanChance(logProbabilities, other, CLASSES)).toBe(false);
  });

  it("have the usual temperature without a label, and the mean that is given", () => {
    const mean = new Float64Array(WIDTH).fill(0.25);
    const model = namesModel(names, mean);
    expect(model.temperature).toBe(0.1);
    expect(model.mean).toBe(mean);
    for (let k = 0; k < CLASSES; k++) {
      const name = rowOf(model.classMeans, k);
      expect(Math.hypot(...name)).toBeCloseTo(1, 12);
      expect(indexOfLargest(name)).toBe(k);
      // What all names have in common is gone.
      expect(name[10]).toBeCloseTo(0, 6);
    }
  });
});

describe("areBetterThanChance", () => {
  it("compares with always answering the most frequent class", () => {
    // 9 of 12 rows are of class 0: always answering it is right 9 times.
    const frequent = Int32Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
    const always = zeros64(12, 2);
    for (let row = 0; row < 12; row++) rowOf(always, row)[1] = -1;
    expect(areBetterThanChance(always, frequent, 2)).toBe(false);
    const perfect = zeros64(12, 2);
    frequent.forEach((target, row) => {
      rowOf(perfect, row)[1 - target] = -1;
    });
    // 0.75 ^ 12 = 0.03
    expect(areBetterThanChance(perfect, frequent, 2)).toBe(true);
  });
});

describe("binomialTail", () => {
  it("is the probability of so many hits or more", () => {
    expect(binomialTail(0, 10, 0.3)).toBe(1);
    expect(binomialTail(4, 4, 0.5)).toBeCloseTo(1 / 16, 12);
    expect(binomialTail(3, 4, 0.5)).toBeCloseTo(5 / 16, 12);
    // By exact sums of fractions.
    expect(binomialTail(60, 100, 0.5)).toBeCloseTo(0.02844396682, 10);
    expect(binomialTail(700, 1000, 0.65)).toBeCloseTo(0.000453224404, 12);
    expect(binomialTail(3, 5, 1)).toBe(1);
  });
});
