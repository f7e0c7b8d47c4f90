import { describe, expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { chooseToLabel } from "./uncertain-rows.js";

const predictions = (...probabilities: number[]) => ({
  rows: probabilities.length,
  cols: 2,
  data: Float64Array.from(probabilities.flatMap((p) => [Math.log(p), Math.log(1 - p)])),
});

/** Unit vectors in the plane, by their angle in degrees. */
const directions = (...degrees: number[]) => ({
  rows: degrees.length,
  cols: 2,
  data: Float32Array.from(
    degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]),
  ),
});

describe("what to label next", () => {
  it("begins where the classifier is least certain", () => {
    const chosen = chooseToLabel(predictions(0.9, 0.52, 0.7), directions(0, 10, 20), 1);
    expect(chosen).toEqual([{ row: 1, uncertainty: expect.closeTo(0.96, 6) }]);
  });

  it("passes over twins of what was chosen for something else that is unclear", () => {
    const chosen = chooseToLabel(predictions(0.5, 0.5, 0.65), directions(0, 0, 90), 3);
    expect(chosen.map(({ row }) => row)).toEqual([0, 2, 1]);
  });

  it("weighs doubt by the distance to what was chosen", () => {
    // After row 0: 0.6 · 0.9 for row 1, 0.9 · 0.5 for row 2.
    const chosen = chooseToLabel(predictions(0.5, 0.7, 0.55), directions(0, 84.26, 60), 2);
    expect(chosen.map(({ row }) => row)).toEqual([0, 1]);
  });

  it("measures the distance to the nearest of all that were chosen", () => {
    // Row 2 is a twin of row 0, and far from row 1, which is chosen in between.
    const chosen = chooseToLabel(predictions(0.5, 0.51, 0.52, 0.75), directions(0, 90, 2, 45), 4);
    expect(chosen.map(({ row }) => row)).toEqual([0, 1, 3, 2]);
  });

  it.for([
    [0.5, 0.4, 0.1],
    [0.4, 0.1, 0.5],
    [0.1, 0.5, 0.4],
  ])("compares the two most probable of %f, %f and %f", (shares) => {
    const logProbabilities = { rows: 1, cols: 3, data: Float64Array.from(shares, Math.log) };
    const [chosen] = chooseToLabel(logProbabilities, directions(0), 1);
    expect(chosen!.uncertainty).toBeCloseTo(0.9, 12);
  });

  it("names every row once, and no more than there are", () => {
    const random = createRandom(3);
    const draw = (count: number) => Array.from({ length: count }, () => random.double());
    const chosen = chooseToLabel(
      predictions(...draw(30)),
      directions(...draw(30).map((share) => 90 * share)),
      100,
    );
    expect(new Set(chosen.map(({ row }) => row)).size).toBe(30);
    expect(chooseToLabel(predictions(), directions(), 5)).toEqual([]);
  });
});
