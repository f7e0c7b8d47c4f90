import { createRandom } from "@engraft/core";
import type { Matrix64 } from "@engraft/core/internal";
import { logSoftmaxRows, rowOf } from "@engraft/core/internal";
import { describe, expect, it } from "vitest";
import { type HeldOutViews, stackHeldOut } from "./held-out-stack.js";

const ROWS = 120;
const targets = Int32Array.from({ length: ROWS }, (_, row) => row % 2);
const groups = Int32Array.from(targets.keys());

/** Log-probabilities that know the class with some strength, under noise. */
function view(strength: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  const data = Float64Array.from({ length: 2 * ROWS }, (_, index) => {
    const isTarget = targets[index >> 1] === (index & 1);
    return (isTarget ? strength : 0) + 4 * random.double();
  });
  return logSoftmaxRows({ rows: ROWS, cols: 2, data });
}

/** Rows in three parts, out of order. */
function partsOf(views: Readonly<Record<string, Matrix64>>): HeldOutViews[] {
  return [1, 0, 2].map((part) => {
    const rows = groups.filter((row) => row % 3 === part);
    const perView = new Map(
      Object.entries(views).map(([name, { data }]) => [
        name,
        {
          rows: rows.length,
          cols: 2,
          data: Float64Array.from([...rows].flatMap((row) => [data[2 * row]!, data[2 * row + 1]!])),
        },
      ]),
    );
    return { rows, perView };
  });
}

function lossOf(stack: ReturnType<typeof stackHeldOut>): number {
  const losses = stack.predictions.flatMap(({ rows, logProbabilities }) =>
    Array.from(rows, (row, index) => -rowOf(logProbabilities, index)[targets[row]!]!),
  );
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe("a stack of held-out views", () => {
  it("gives weight to the view that knows, and predicts every part in its order", () => {
    const parts = partsOf({ good: view(3, 1), noise: view(0, 2) });
    const stack = stackHeldOut(
      parts,
      [{ name: "good" }, { name: "noise" }],
      { targets, groups },
      createRandom(1),
    );
    const [good, noise] = stack.weights as [number, number];
    expect(good).toBeGreaterThan(5 * noise);
    expect(stack.predictions.map(({ rows }) => rows)).toEqual(parts.map(({ rows }) => rows));
    expect(lossOf(stack)).toBeLessThan(0.35);
  });

  it("cools a single view that is too sure of itself", () => {
    const sure = view(1, 3);
    const hot = { ...sure, data: sure.data.map((value) => 8 * value) };
    const parts = partsOf({ only: logSoftmaxRows(hot) });
    const stack = stackHeldOut(parts, [{ name: "only" }], { targets, groups }, createRandom(1));
    expect(stack.weights[0]).toBeLessThan(0.5);
    expect(lossOf(stack)).toBeLessThan(Math.log(2));
  });

  it("learns nothing about a row from the row itself", () => {
    // Labels by chance: weights that had seen the rows would seem to be worth something.
    const parts = partsOf(
      Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`v${i}`, view(0, 10 + i)])),
    );
    const recipes = Array.from(parts[0]!.perView.keys(), (name) => ({ name }));
    const stack = stackHeldOut(parts, recipes, { targets, groups }, createRandom(1));
    expect(lossOf(stack)).toBeGreaterThan(Math.log(2) - 0.005);
  });
});
