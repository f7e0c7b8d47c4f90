import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { DataError } from "../../errors.js";
import { createRandom } from "../../random/random.js";
import { evaluationPlan, numberOfFolds, stratifiedGroupFolds } from "./folds.js";

/** Rows with a class and a group each, in few of both so that they meet often. */
const labelledRows = fc
  .array(fc.record({ target: fc.nat(4), group: fc.integer({ min: -20, max: 20 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((rows) => ({
    targets: Int32Array.from(rows, ({ target }) => target),
    groups: Int32Array.from(rows, ({ group }) => group),
  }));

const ungrouped = fc.array(fc.nat(4), { minLength: 1, maxLength: 80 }).map((targets) => ({
  targets: Int32Array.from(targets),
  groups: Int32Array.from(targets.keys()),
}));

const range = (length: number): Int32Array => Int32Array.from({ length }, (_, index) => index);

describe("stratifiedGroupFolds", () => {
  test.prop([labelledRows, fc.integer({ min: 2, max: 6 }), fc.nat()])(
    "gives every row a fold, never divides a group, and leaves no fold empty needlessly",
    ({ targets, groups }, folds, seed) => {
      const result = stratifiedGroupFolds({ targets, groups, folds, random: createRandom(seed) });
      const foldOfGroup = new Map<number, number>();
      result.forEach((fold, row) => {
        expect(fold).toBeGreaterThanOrEqual(0);
        expect(fold).toBeLessThan(folds);
        expect(foldOfGroup.get(groups[row]!) ?? fold).toBe(fold);
        foldOfGroup.set(groups[row]!, fold);
      });
      expect(result).toHaveLength(targets.length);
      expect(new Set(result).size).toBe(Math.min(folds, foldOfGroup.size));
    },
  );

  test.prop([ungrouped, fc.integer({ min: 2, max: 6 }), fc.nat()])(
    "spreads each class evenly when every row is a group",
    ({ targets, groups }, folds, seed) => {
      const result = stratifiedGroupFolds({ targets, groups, folds, random: createRandom(seed) });
      for (const target of new Set(targets)) {
        const counts = new Array<number>(folds).fill(0);
        result.forEach((fold, row) => {
          if (targets[row] === target) counts[fold]!++;
        });
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    },
  );

  test.prop([labelledRows, fc.nat()])(
    "does not depend on how groups are numbered",
    ({ targets, groups }, seed) => {
      const folds = (numbers: Int32Array) =>
        stratifiedGroupFolds({ targets, groups: numbers, folds: 3, random: createRandom(seed) });
      expect(folds(groups.map((group) => 7 - 3 * group))).toEqual(folds(groups));
    },
  );

  it("balances classes over groups of uneven size", () => {
    // 40 groups of 1 to 8 rows, 3 classes.
    const groups = [...range(40)].flatMap((group) =>
      new Array<number>(1 + (group % 8)).fill(group),
    );
    const targets = Int32Array.from(groups, (group) => group % 3);
    const result = stratifiedGroupFolds({
      targets,
      groups: Int32Array.from(groups),
      folds: 4,
      random: createRandom(1),
    });
    for (const target of [0, 1, 2]) {
      const inClass = [...result].filter((_, row) => targets[row] === target);
      for (const fold of [0, 1, 2, 3]) {
        const share = inClass.filter((other) => other === fold).length / inClass.length;
        expect(Math.abs(share - 0.25)).toBeLessThan(0.05);
      }
    }
  });

  it("places large groups first", () => {
    // One group of ten rows and ten of one: the halves are even only if the ten rows come first.
    const groups = Int32Array.from({ length: 20 }, (_, row) => Math.max(0, row - 9));
    for (let seed = 0; seed < 5; seed++) {
      const random = createRandom(seed);
      const result = stratifiedGroupFolds({
        targets: new Int32Array(20),
        groups,
        folds: 2,
        random,
      });
      expect(result.filter((fold) => fold === 0)).toHaveLength(10);
    }
  });

  it("spreads rare classes before frequent ones", () => {
    // Four of class 0; two of it with one of class 1; one of each.
    const groups = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 2, 2);
    const targets = Int32Array.of(0, 0, 0, 0, 0, 0, 1, 0, 1);
    const result = stratifiedGroupFolds({ targets, groups, folds: 2, random: createRandom(1) });
    expect(result[7]).toBe(result[0]);
    expect(result[4]).not.toBe(result[0]);
  });

  it("differs from seed to seed and not from call to call", () => {
    const targets = range(50).map((row) => row % 2);
    const folds = (seed: number) =>
      stratifiedGroupFolds({ targets, groups: range(50), folds: 5, random: createRandom(seed) });
    expect(folds(1)).toEqual(folds(1));
    expect(folds(1)).not.toEqual(folds(2));
  });
});

describe("numberOfFolds", () => {
  it.each([
    { of: "plenty of rows", targets: [0, 0, 0, 1, 1, 1], groups: [0, 1, 2, 3, 4, 5], folds: 3 },
    { of: "one rare class", targets: [0, 0, 0, 0, 1], groups: [0, 1, 2, 3, 4], folds: 4 },
    { of: "groups, not rows", targets: [0, 0, 0, 1, 1, 1], groups: [0, 0, 1, 2, 2, 2], folds: 2 },
    { of: "single examples", targets: [0, 1], groups: [0, 1], folds: 2 },
    { of: "no rows", targets: [], groups: [], folds: 2 },
  ])("is $folds for $of", ({ targets, groups, folds }) => {
    expect(numberOfFolds(Int32Array.from(targets), Int32Array.from(groups), 5)).toBe(folds);
  });
});

describe("evaluationPlan", () => {
  const plan = (rows: number, classes: number, seed = 0) =>
    evaluationPlan({
      targets: range(rows).map((row) => row % classes),
      groups: range(rows),
      classes,
      seed,
    });

  test.prop([labelledRows, fc.nat()])("tests every row once a repeat", (data, seed) => {
    fc.pre(new Set(data.groups).size > 1);
    const { splits } = evaluationPlan({ ...data, classes: 5, seed });
    const tested = new Int32Array(data.targets.length);
    for (const { train, test: held } of splits) {
      expect(train.length).toBeGreaterThan(0);
      expect([...train, ...held].toSorted((a, b) => a - b)).toEqual([...data.targets.keys()]);
      const learned = new Set(Array.from(train, (row) => data.groups[row]));
      for (const row of held) {
        tested[row]!++;
        expect(learned.has(data.groups[row])).toBe(false);
      }
    }
    expect(new Set(tested)).toEqual(new Set([3]));
  });

  it.each([
    { rows: 499, classes: 2, method: "cross-validation", splits: 15 },
    { rows: 500, classes: 2, method: "cross-validation", splits: 5 },
    { rows: 1000, classes: 100, method: "cross-validation", splits: 5 },
    { rows: 1300, classes: 77, method: "holdout", splits: 1 },
  ])("uses $splits splits for $rows rows of $classes classes", (expected) => {
    const { method, splits } = plan(expected.rows, expected.classes);
    expect(method).toBe(expected.method);
    expect(splits).toHaveLength(expected.splits);
  });

  it("holds out a fifth of every class", () => {
    const { splits, description } = plan(6000, 20);
    expect(splits[0]!.test).toHaveLength(1200);
    const tested = new Array<number>(20).fill(0);
    for (const row of splits[0]!.test) tested[row % 20]!++;
    expect(new Set(tested)).toEqual(new Set([60]));
    expect(description).toBe(
      "one split, trained on 4800 rows and tested on 1200, stratified by class, near-duplicates kept together",
    );
  });

  it("draws each repeat anew, and the same ones for the same seed", () => {
    expect(plan(100, 2, 5)).toEqual(plan(100, 2, 5));
    expect(plan(100, 2, 5).splits[0]).not.toEqual(plan(100, 2, 6).splits[0]);
    expect(plan(100, 2).splits[0]).not.toEqual(plan(100, 2).splits[5]);
    expect(plan(100, 2).description).toBe(
      "5-fold cross-validation, repeated 3 times, stratified by class, near-duplicates kept together",
    );
  });

  it("divides the same data of a seed alike in every release", () => {
    const [first, second] = plan(20, 2, 5).splits;
    expect([...first!.test]).toEqual([0, 5, 6, 9]);
    expect([...second!.test]).toEqual([8, 10, 17, 19]);
    expect(plan(500, 2).description).toBe(
      "5-fold cross-validation, stratified by class, near-duplicates kept together",
    );
  });

  it("names the classes that lie in one group", () => {
    const targets = Int32Array.of(0, 0, 0, 1, 1, 2);
    const groups = Int32Array.of(0, 1, 2, 3, 3, 4);
    expect(evaluationPlan({ targets, groups, classes: 3, seed: 0 }).unlearnableClasses).toEqual([
      1, 2,
    ]);
  });

  it("refuses examples that are all one group", () => {
    const data = { targets: Int32Array.of(0, 1), groups: Int32Array.of(3, 3), classes: 2, seed: 0 };
    expect(() => evaluationPlan(data)).toThrow(DataError);
    expect(() => evaluationPlan(data)).toThrow(expect.objectContaining({ code: "data/too-few" }));
  });
});
