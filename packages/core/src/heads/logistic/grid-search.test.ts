import { describe, expect, it } from "vitest";
import { plainLinearAlgebra } from "../../math/plain-linear-algebra.js";
import { createRandom } from "../../random/random.js";
import { denseDesign } from "./design.js";
import { fitFolds } from "./fold-fits.js";
import { searchGrid } from "./grid-search.js";

const [rows, cols, classes] = [120, 10, 3];
const random = createRandom(5);
const targets = Int32Array.from({ length: rows }, (_, row) => row % classes);
const data = Float64Array.from(
  { length: rows * cols },
  (_, at) => random.normal() + Number((at % cols) % classes === targets[Math.floor(at / cols)]),
);
const design = denseDesign({ rows, cols, data }, plainLinearAlgebra);
const labels = {
  targets,
  classes,
  rowWeights: new Float64Array(rows).fill(1),
  folds: Int32Array.from({ length: rows }, (_, row) => row % 5),
};
const grid = Array.from({ length: 9 }, (_, i) => 10 ** (i - 5));
const options = { heldOut: [0, 1, 2, 3, 4], grid, tolerance: 1e-9 };

describe("searchGrid", () => {
  it("finds the C with the least held-out loss from wherever it starts", async () => {
    const losses: number[] = [];
    for (const c of grid) {
      losses.push((await fitFolds(design, labels, options.heldOut, c, undefined, options)).loss);
    }
    const least = losses.indexOf(losses.reduce((a, b) => Math.min(a, b)));
    expect(least).toBeGreaterThan(0);
    expect(least).toBeLessThan(grid.length - 1);
    for (const from of grid.keys()) {
      for (const direction of [1, -1] as const) {
        const found = await searchGrid(design, labels, { ...options, from, direction });
        expect(found.best.c).toBe(grid[least]);
        expect(found.best.loss).toBeCloseTo(losses[least]!, 4);
      }
    }
  });

  it("tries no more than the way down and one value beyond", async () => {
    const { best, losses } = await searchGrid(design, labels, { ...options, from: 1 });
    const tried = grid.slice(1, grid.indexOf(best.c) + 2);
    expect(losses.map(({ c }) => c)).toEqual(tried);
  });

  it("asks every classifier about the rows that it has not seen, and no other", async () => {
    const { best } = await searchGrid(design, labels, { ...options, heldOut: [1, 3] });
    expect([...best.outOfFold.rows]).toEqual(
      [...targets.keys()].filter((row) => [1, 3].includes(row % 5)),
    );
    expect(best.models.length).toBe(2);
  });

  it("takes the only value of a grid", async () => {
    const { best, losses } = await searchGrid(design, labels, { ...options, grid: [2] });
    expect(best.c).toBe(2);
    expect(losses).toEqual([{ c: 2, loss: best.loss }]);
  });
});
