import { tensorOf } from "@engraft/onnx";
import { expect } from "vitest";
import { absoluteSum, type Gradients, multiply, numbers, sum } from "./numbers.js";
import { type FloatType, feedsOf, seedOf } from "./problem.js";
import { randomFrom } from "./random.js";
import type { Result } from "./runtime.js";
import type { Setup } from "./setup.js";

/** Random directions for each input. */
const DIRECTIONS = 3;

/** Half the distance of two points, and the relative errors of curvature and of rounding. */
const precisions: Readonly<Record<FloatType, { step: number; error: number; rounding: number }>> = {
  float32: { step: 2 ** -7, error: 1e-3, rounding: 2 ** -21 },
  float64: { step: 2 ** -14, error: 1e-6, rounding: 2 ** -50 },
};

/** Compares gradients with central differences along random directions, one input at a time. */
export async function checkDifferences(setup: Setup, gradients: Gradients): Promise<void> {
  for (const name of setup.problem.wrt) {
    const random = randomFrom(`directions of ${name}`);
    for (let i = 0; i < DIRECTIONS; i++) {
      await checkDirection(setup, name, gradients.get(name)!, random);
    }
  }
}

/** Every element moves by the same step, up or down, so that none is too small to be seen. */
async function checkDirection(
  setup: Setup,
  name: string,
  gradient: Result,
  random: () => number,
): Promise<void> {
  const { item, dtype, values } = setup.problem;
  const { step, error, rounding } = precisions[dtype];
  const value = numbers(values.get(name)!);
  const direction = value.map(() => (random() < 0.5 ? -step : step));
  const ahead = await lossAt(setup, name, multiplyAdd(value, direction, 1));
  const behind = await lossAt(setup, name, multiplyAdd(value, direction, -1));
  // The step that was really taken, after rounding.
  const taken = multiplyAdd(ahead.value, behind.value, -1);
  const predicted = multiply(taken, gradient.data);
  const actual = sum(ahead.terms) - sum(behind.terms);
  const tolerance = dtype === "float32" ? (item.tolerance ?? error) : error;
  expect(
    Math.abs(actual - sum(predicted)),
    `gradient by ${name}: in ${dtype} the loss moves by ${actual}, predicted ${sum(predicted)}`,
  ).toBeLessThanOrEqual(
    tolerance * absoluteSum(predicted) +
      rounding * (absoluteSum(ahead.terms) + absoluteSum(behind.terms)),
  );
}

/** The terms that add up to the loss where one input has another value. */
async function lossAt(
  { problem, forward, seeds }: Setup,
  name: string,
  elements: readonly number[],
): Promise<{ readonly terms: number[]; readonly value: number[] }> {
  const moved = tensorOf(problem.dtype, problem.values.get(name)!.dims, elements);
  const outputs = await forward.run(feedsOf(problem).set(name, moved));
  const terms = Array.from(outputs).flatMap(([output, { data }]) =>
    multiply(data, numbers(seeds.get(seedOf(output))!)),
  );
  return { terms, value: numbers(moved) };
}

function multiplyAdd(a: readonly number[], b: readonly number[], factor: number): number[] {
  return a.map((x, i) => x + factor * b[i]!);
}
