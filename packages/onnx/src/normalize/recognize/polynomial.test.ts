import fc from "fast-check";
import { expect, test } from "vitest";
import {
  add,
  agree,
  constant,
  constantOf,
  multiply,
  type Polynomial,
  power,
  variable,
} from "./polynomial.js";

/** The number that a polynomial stands for. */
function numberAt(polynomial: Polynomial, values: Readonly<Record<string, number>>): number {
  return polynomial.reduce((sum, { coefficient, powers }) => {
    const factors = Array.from(powers, ([name, exponent]) => values[name]! ** exponent);
    return sum + factors.reduce((product, factor) => product * factor, coefficient);
  }, 0);
}

const whole = fc.integer({ min: -3, max: 3 });
const polynomials: fc.Arbitrary<Polynomial> = fc
  .array(fc.tuple(whole, fc.constantFrom("x", "u", "w")), { maxLength: 3 })
  .map((terms) =>
    terms.reduce<Polynomial>((sum, [factor, name]) => {
      return add(sum, multiply(constant(factor), variable(name))!);
    }, constant(1)),
  );
const points = fc.record({ x: whole, u: whole, w: whole });

test("sums, products and powers have the values of their parts", () => {
  fc.assert(
    fc.property(polynomials, polynomials, points, (a, b, point) => {
      const [left, right] = [numberAt(a, point), numberAt(b, point)];
      expect(numberAt(add(a, b), point)).toBeCloseTo(left + right);
      expect(numberAt(multiply(a, b)!, point)).toBeCloseTo(left * right);
      expect(numberAt(power(a, 2)!, point)).toBeCloseTo(left ** 2);
    }),
  );
});

test("the order of sums and products does not matter", () => {
  fc.assert(
    fc.property(polynomials, polynomials, polynomials, (a, b, c) => {
      const distributed = add(multiply(a, c)!, multiply(b, c)!);
      expect(agree(multiply(add(b, a), c)!, distributed, 0)).toBe(true);
    }),
  );
});

test("what cancels is gone", () => {
  const x = variable("x");
  expect(constantOf(add(x, multiply(constant(-1), x)!))).toBe(0);
  expect(constantOf(multiply(x, power(x, -1)!)!)).toBe(1);
  expect(constantOf(x)).toBeUndefined();
});

test("roots and reciprocals are powers of single terms only", () => {
  const x = variable("x");
  expect(power(multiply(constant(4), power(x, 2)!)!, 0.5)).toEqual(multiply(constant(2), x));
  expect(power(add(x, constant(1)), 0.5)).toBeUndefined();
  expect(power(constant(0), -1)).toBeUndefined();
});

test("coefficients agree to a relative tolerance", () => {
  const x = variable("x");
  expect(agree(multiply(constant(0.7072), x)!, multiply(constant(Math.SQRT1_2), x)!, 1e-3)).toBe(
    true,
  );
  expect(agree(multiply(constant(0.7), x)!, multiply(constant(Math.SQRT1_2), x)!, 1e-3)).toBe(
    false,
  );
  expect(agree(x, variable("u"), 1)).toBe(false);
});
