import type { Tensor } from "@engraft/onnx";
import { expect } from "vitest";
import type { Result } from "./runtime.js";

/** Gradients by the name of the input. */
export type Gradients = ReadonlyMap<string, Result>;

export function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.data as ArrayLike<number>, Number);
}

export function multiply(a: readonly number[], b: readonly number[]): number[] {
  return a.map((x, i) => x * b[i]!);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, x) => total + x, 0);
}

export function absoluteSum(values: readonly number[]): number {
  return sum(values.map(Math.abs));
}

/** @param error - Relative to the largest element of each gradient. */
export function expectClose(
  actual: Gradients,
  expected: Gradients,
  error: number,
  label: string,
): void {
  for (const [name, { data }] of actual) {
    const reference = expected.get(name)!.data;
    expect(data.length, `elements of the gradient by ${name} ${label}`).toBe(reference.length);
    const scale = reference.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
    for (const [i, x] of data.entries()) {
      // Infinities are equal to themselves only.
      if (x === reference[i]) continue;
      expect(
        Math.abs(x - reference[i]!),
        `gradient by ${name} at ${i} ${label}: ${x}, expected ${reference[i]}`,
      ).toBeLessThanOrEqual(error * scale);
    }
  }
}
