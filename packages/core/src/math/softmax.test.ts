import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { expNonPositive } from "./exponential.js";
import { logSoftmaxRows, logSumExp, meanLogLoss } from "./softmax.js";

const logits = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 1 });

describe("logSumExp", () => {
  test.prop([logits, fc.double({ min: -1e4, max: 1e4, noNaN: true })])(
    "moves with its values and never overflows",
    (values, shift) => {
      const total = logSumExp(Float64Array.from(values));
      const largest = Math.max(...values);
      expect(total).toBeGreaterThanOrEqual(largest);
      expect(total).toBeLessThanOrEqual(largest + Math.log(values.length) + 1e-9);
      expect(logSumExp(Float64Array.from(values, (value) => value + shift))).toBeCloseTo(
        total + shift,
        6,
      );
    },
  );

  it("is minus infinity when there is nothing to sum", () => {
    expect(logSumExp(Float64Array.of(Number.NEGATIVE_INFINITY))).toBe(Number.NEGATIVE_INFINITY);
    expect(logSumExp(new Float64Array(0))).toBe(Number.NEGATIVE_INFINITY);
  });
});

test.prop([logits])("logSoftmaxRows gives probabilities that sum to 1", (values) => {
  const data = Float64Array.from([...values, ...values]);
  const rows = logSoftmaxRows({ rows: 2, cols: values.length, data });
  const sum = rows.data.slice(values.length).reduce((total, value) => total + Math.exp(value), 0);
  expect(sum).toBeCloseTo(1, 9);
});

it("meanLogLoss averages by weight and does not look at rows of weight 0", () => {
  const logProbabilities = {
    rows: 3,
    cols: 2,
    data: Float64Array.of(-1, -9, -9, -4, Number.NaN, Number.NaN),
  };
  const targets = Int32Array.of(0, 1, 0);
  expect(meanLogLoss(logProbabilities, targets, Float64Array.of(3, 1, 0))).toBe((3 * 1 + 4) / 4);
});

describe("expNonPositive", () => {
  test.prop([fc.double({ min: -740, max: 0, noNaN: true })])("is the exponential", (x) => {
    const expected = Math.exp(x);
    // Below 2^-1022 numbers have fewer digits.
    const error = Math.abs(expNonPositive(x) - expected);
    expect(error).toBeLessThanOrEqual(1e-13 * expected + 1e-323);
  });

  it("keeps its ends", () => {
    expect(expNonPositive(0)).toBe(1);
    expect(expNonPositive(-0)).toBe(1);
    expect(expNonPositive(-1e300)).toBe(0);
    expect(expNonPositive(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(expNonPositive(Number.NaN)).toBeNaN();
  });
});
