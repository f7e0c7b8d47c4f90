import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { type Matrix64, zeros64 } from "../../math/matrix.js";
import { labelSmoothing, logSoftmaxRows, meanLogLoss } from "../../math/softmax.js";
import { createRandom } from "../../random/random.js";
import { combineLogProbabilities, fitStack } from "./stack.js";

const rows = 80;
const classes = 3;
const targets = Int32Array.from({ length: rows }, (_, row) => row % classes);

/** Log-probabilities that favour the target by `skill`, and anything else by chance. */
function makeView(skill: number, seed: number): Matrix64 {
  const random = createRandom(seed);
  const logits = zeros64(rows, classes);
  for (let at = 0; at < logits.data.length; at++) {
    const isTarget = at % classes === targets[Math.floor(at / classes)];
    logits.data[at] = random.normal() + (isTarget ? skill : 0);
  }
  return logSoftmaxRows(logits);
}

function totalLoss(views: readonly Matrix64[], weights: ArrayLike<number>): number {
  const pooled = combineLogProbabilities(views, weights);
  return rows * meanLogLoss(pooled, targets, undefined, labelSmoothing(rows));
}

const skills = fc.array(fc.double({ min: -1, max: 3, noNaN: true }), {
  minLength: 1,
  maxLength: 5,
});

describe("fitStack", () => {
  test.prop([skills, fc.nat(), fc.constantFrom(0.1, 3, 10)])(
    "gives the minimum of its objective: no weight can be moved to improve it",
    (viewSkills, seed, lambda) => {
      const views = viewSkills.map((skill, index) => makeView(skill, seed + index));
      const shares = views.map((_, index) => 1 + (index % 3));
      const { weights, total } = fitStack(views, targets, { lambda, shares });
      const all = shares.reduce((sum, share) => sum + share, 0);
      const prior = shares.map((share) => (total * share) / all);
      const objective = (w: ArrayLike<number>): number =>
        totalLoss(views, w) +
        lambda * Array.from(w).reduce((sum, value, v) => sum + (value - prior[v]!) ** 2, 0);
      // Where every weight would be 0, the prior stands: a test of its own.
      if (objective(new Float64Array(views.length)) < objective(weights)) return;
      const best = objective(weights);
      expect(best).toBeLessThanOrEqual(objective(prior) + 1e-9);
      expect(totalLoss(views, weights)).toBeLessThanOrEqual(totalLoss(views, prior) + 1e-9);
      for (let v = 0; v < weights.length; v++) {
        expect(weights[v]).toBeGreaterThanOrEqual(0);
        const slope =
          (objective(weights.with(v, weights[v]! + 1e-6)) -
            objective(weights.with(v, weights[v]! - 1e-6))) /
          2e-6;
        if (weights[v]! > 0) expect(Math.abs(slope)).toBeLessThan(1e-3);
        else expect(slope).toBeGreaterThan(-1e-3);
      }
    },
  );

  it("agrees with bisection to 1e-8", () => {
    // One view in two classes: the stationary point of a sum of smoothed logistic losses.
    const margins = [3, 1, -1, 2, -0.5, 4];
    const data = Float64Array.from(margins.flatMap((margin) => [margin / 2, -margin / 2]));
    const view = logSoftmaxRows({ rows: margins.length, cols: 2, data });
    const smoothing = labelSmoothing(margins.length);
    const slope = (logTotal: number): number => {
      const w = Math.exp(logTotal);
      const lossSlope = margins.reduce(
        (sum, margin) =>
          sum +
          (smoothing * margin) / (1 + Math.exp(-w * margin)) -
          ((1 - smoothing) * margin) / (1 + Math.exp(w * margin)),
        0,
      );
      return w * lossSlope + 4 * logTotal;
    };
    let [low, high] = [-3, Math.log(2)];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (slope(middle) < 0) low = middle;
      else high = middle;
    }
    const { total } = fitStack([view], new Int32Array(margins.length));
    expect(Math.abs(total - Math.exp(low))).toBeLessThan(1e-8);
  });

  it("keeps some weight when a few rows are all told wrong, as they are out of two folds of one", () => {
    // Each of four rows is predicted by a probe that lacks the row that it resembles.
    for (const margin of [0.5, 4]) {
      const data = Float64Array.from([-1, 1, -2, 2, 1, -1, 2, -2], (value) => (margin / 4) * value);
      const view = logSoftmaxRows({ rows: 4, cols: 2, data });
      const { weights, total } = fitStack([view, view], Int32Array.of(0, 0, 1, 1));
      expect(total).toBeGreaterThan(0.1);
      expect(Math.max(...weights)).toBeGreaterThan(0.05);
    }
  });

  it("gives the better view more weight, and a harmful one none", () => {
    const views = [makeView(3, 1), makeView(1, 2), makeView(-2, 3)];
    const { weights } = fitStack(views, targets, { lambda: 0.1 });
    expect(weights[0]!).toBeGreaterThan(weights[1]!);
    expect(weights[2]).toBe(0);
  });

  it("stays at the prior shares when it is drawn there strongly", () => {
    const views = [makeView(3, 1), makeView(0, 2)];
    const { weights, total } = fitStack(views, targets, { lambda: 1e9, shares: [3, 1] });
    expect(weights[0]).toBeCloseTo((3 * total) / 4, 6);
    expect(weights[1]).toBeCloseTo(total / 4, 6);
  });

  it("stays finite for views without an error, and for views that know nothing", () => {
    const { total } = fitStack([makeView(8, 1), makeView(8, 2)], targets);
    expect(total).toBeGreaterThan(0.5);
    expect(total).toBeLessThan(4);
    const uniform = logSoftmaxRows(zeros64(rows, classes));
    expect(fitStack([uniform, uniform], targets).weights.every(Number.isFinite)).toBe(true);
  });
});

describe("combineLogProbabilities", () => {
  it("normalises, and ignores views of weight 0 whatever they hold", () => {
    const broken = { ...makeView(1, 1), data: new Float64Array(rows * classes).fill(-Infinity) };
    const view = makeView(1, 2);
    const pool = combineLogProbabilities([view, broken], [1, 0]);
    pool.data.forEach((value, i) => {
      expect(value).toBeCloseTo(view.data[i]!, 12);
    });
  });
});
