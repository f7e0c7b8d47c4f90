import { describe, expect, it } from "vitest";
import { lbfgs, minimize } from "./lbfgs.js";

/** Rosenbrock's valley in any even number of dimensions; minimum 1 at (1, 1, ...). */
function rosenbrock(x: Float64Array, gradient: Float64Array): number {
  let value = 1;
  for (let i = 0; i < x.length; i += 2) {
    const [a, b] = [x[i]!, x[i + 1]!];
    value += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    gradient[i] = -400 * a * (b - a * a) - 2 * (1 - a);
    gradient[i + 1] = 200 * (b - a * a);
  }
  return value;
}

describe("lbfgs", () => {
  it("finds the minimum of a curved valley", () => {
    const minimum = minimize(rosenbrock, Float64Array.of(-1.2, 1, -1.2, 1, 0.5, 2), {
      tolerance: 1e-16,
    });
    expect(minimum.converged).toBe(true);
    for (const value of minimum.x) expect(value).toBeCloseTo(1, 7);
  });

  it("needs few iterations on an ill-conditioned quadratic when its diagonal is known", () => {
    const curvature = Float64Array.from({ length: 40 }, (_, i) => 10 ** (i / 13));
    const quadratic = (x: Float64Array, gradient: Float64Array): number => {
      let value = 1;
      x.forEach((xi, i) => {
        gradient[i] = curvature[i]! * (xi - 1);
        value += 0.5 * curvature[i]! * (xi - 1) ** 2;
      });
      return value;
    };
    const start = new Float64Array(40);
    const plain = minimize(quadratic, start, { tolerance: 1e-14 });
    const preconditioner = curvature.map((value) => 1 / value);
    const scaled = minimize(quadratic, start, { tolerance: 1e-14, preconditioner });
    expect(plain.iterations).toBeGreaterThan(20);
    expect(scaled.iterations).toBeLessThan(4);
    for (const { x } of [plain, scaled]) for (const value of x) expect(value).toBeCloseTo(1, 6);
  });

  it("steps back from where the objective is not finite", () => {
    const barrier = (x: Float64Array, gradient: Float64Array): number => {
      gradient[0] = 1e6 - 1 / x[0]!;
      return x[0]! > 0 ? 1e6 * x[0]! - Math.log(x[0]!) : Number.NaN;
    };
    const { x } = minimize(barrier, Float64Array.of(1));
    expect(x[0]! * 1e6).toBeCloseTo(1, 3);
  });

  it("stops after the given number of iterations", () => {
    const minimum = minimize(rosenbrock, Float64Array.of(-1.2, 1), { maxIterations: 3 });
    expect(minimum).toMatchObject({ converged: false, iterations: 3 });
  });

  it("leaves the start as it is and asks for it first", () => {
    const start = Float64Array.of(3, 4);
    const search = lbfgs(start);
    const first = search.next();
    expect(first.done).toBe(false);
    for (const point of lbfgs(start)) point.value = rosenbrock(point.x, point.gradient);
    expect([...start]).toEqual([3, 4]);
  });
});
