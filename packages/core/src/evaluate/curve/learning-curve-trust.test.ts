// Many forecasts of one law: how often their intervals hold the truth.
import { expect, it } from "vitest";
import { createRandom } from "../../random/random.js";
import { examplesForGain, forecastLearning, type SizeMeasurement } from "./learning-curve.js";

const ROWS = 600;
const SIZES = [60, 85, 120, 170, 240, 340, 480];
const groups = Int32Array.from({ length: ROWS }, (_, row) => row);

/** What would be measured where a row is wrong as often as `error` says, the same rows at all sizes. */
function measure(error: (examples: number) => number, seed: number): SizeMeasurement[] {
  const random = createRandom(seed);
  const hardness = Array.from({ length: ROWS }, () => random.double());
  return SIZES.map((examples) => ({
    examples,
    wrong: Float64Array.from(hardness, (hard) => Number(hard < error(examples))),
  }));
}

const falling = (examples: number): number => 2.5 * examples ** -0.5;

it("the forecast of a learning curve goes on as the curve began, and says how far that can be trusted", () => {
  const curves = Array.from({ length: 25 }, (_, seed) =>
    forecastLearning(measure(falling, seed), { groups, examples: 600, seed }),
  );
  const truth = falling(4 * 600);
  const ends = curves.map(({ forecast }) => forecast.at(-1)!);
  for (const { examples } of ends) expect(examples).toBe(4 * 600);
  const off = ends.reduce((sum, { error }) => sum + Math.abs(error - truth), 0) / ends.length;
  expect(off).toBeLessThan(0.02);
  const held = ends.filter(({ interval: [low, high] }) => low <= truth && truth <= high);
  // Of intervals that hold 80 of 100 times, 25 hold fewer than 15 times in one run of 100.
  expect(held.length).toBeGreaterThanOrEqual(15);
  const borneOut = curves.filter(({ backTest }) => backTest!.holds);
  expect(borneOut.length).toBeGreaterThanOrEqual(15);
  expect(curves[0]!.backTest).toMatchObject({ fittedUpTo: 240, examples: 480 });
  for (const curve of curves) {
    const more = examplesForGain(curve, 0.01);
    if (more === undefined) continue;
    expect(more.interval[0]).toBeLessThanOrEqual(more.about);
    expect(more.interval[1]).toBeGreaterThanOrEqual(more.about);
  }
});
