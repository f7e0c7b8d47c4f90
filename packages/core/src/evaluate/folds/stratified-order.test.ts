import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../random/random.js";
import { stratifiedOrder } from "./stratified-order.js";

describe("a stratified order", () => {
  it("holds every row once, groups whole and each class first", () => {
    const rows = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 3 }), fc.nat(), (targets, size, seed) => {
        const truth = {
          targets: Int32Array.from(targets),
          groups: Int32Array.from(targets, (target, row) => 100 * target + (row % (4 * size))),
        };
        const all = Int32Array.from(targets.keys());
        const order = stratifiedOrder(all, truth, createRandom(seed));
        expect([...order].sort((a, b) => a - b)).toEqual([...all]);
        const runs = [...order].filter(
          (row, at) => at === 0 || truth.groups[row] !== truth.groups[order[at - 1]!],
        );
        expect(runs.length).toBe(new Set(truth.groups).size);
        const classes = new Set(targets).size;
        const first = runs.slice(0, classes).map((row) => targets[row]);
        expect(new Set(first).size).toBe(classes);
      }),
    );
  });

  it("begins with the classes in the proportions of all", () => {
    const targets = Int32Array.from({ length: 400 }, (_, row) => Number(row % 4 === 0));
    const groups = Int32Array.from(targets.keys());
    const order = stratifiedOrder(groups, { targets, groups }, createRandom(1));
    for (const size of [40, 100, 200]) {
      const share = order.slice(0, size).filter((row) => targets[row] === 1).length / size;
      expect(share).toBeCloseTo(0.25, 1);
    }
  });
});
