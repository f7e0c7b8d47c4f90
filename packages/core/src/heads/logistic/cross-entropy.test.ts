import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { type Matrix64, toSingle, transposed } from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { createRandom } from "../../random/random.js";
import { crossEntropy, type WeightedTargets } from "./cross-entropy.js";

interface Problem {
  /** Classes x rows. */
  scores: Matrix64;
  bias: Float64Array;
  weighted: WeightedTargets & { targets: Int32Array };
}

function makeProblem(rows: number, classes: number, seed: number): Problem {
  const random = createRandom(seed);
  const normals = (length: number) => Float64Array.from({ length }, () => 3 * random.normal());
  return {
    scores: { rows: classes, cols: rows, data: normals(rows * classes) },
    bias: normals(classes),
    weighted: {
      targets: Int32Array.from({ length: rows }, () => random.integer(classes)),
      rowWeights: Float64Array.from({ length: rows }, (_, row) => (row % 3) / 2),
    },
  };
}

/** By definition. */
function expected({ scores, bias, weighted }: Problem) {
  const { rowWeights } = weighted;
  const logits = transposed(scores);
  logits.data.forEach((score, at) => {
    logits.data[at] = score + bias[at % bias.length]!;
  });
  const residuals = logSoftmaxRows(logits);
  const biasGradient = new Float64Array(bias.length);
  let loss = 0;
  residuals.data.forEach((logProbability, at) => {
    const [row, k] = [Math.floor(at / bias.length), at % bias.length];
    const share = Number(weighted.targets[row] === k);
    loss -= share * rowWeights[row]! * logProbability;
    residuals.data[at] = rowWeights[row]! * (Math.exp(logProbability) - share);
    biasGradient[k]! += residuals.data[at]!;
  });
  return { loss, residuals: transposed(residuals), biasGradient };
}

function expectClose(actual: ArrayLike<number>, wanted: Float64Array, digits: number): void {
  wanted.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });
}

describe("crossEntropy", () => {
  test.prop([fc.integer({ min: 1, max: 150 }), fc.integer({ min: 2, max: 5 }), fc.nat()])(
    "is the softmax's loss with its derivatives, in either precision",
    (rows, classes, seed) => {
      const problem = makeProblem(rows, classes, seed);
      const wanted = expected(problem);
      for (const [scores, digits] of [
        [problem.scores.data.slice(), 9],
        [toSingle(problem.scores).data, 3],
      ] as const) {
        const biasGradient = new Float64Array(classes).fill(7);
        const loss = crossEntropy(scores, problem.bias, problem.weighted, biasGradient);
        expect(loss).toBeCloseTo(wanted.loss, digits);
        expectClose(scores, wanted.residuals.data, digits);
        expectClose(biasGradient, wanted.biasGradient, digits);
      }
    },
  );

  test.prop([fc.integer({ min: 1, max: 150 }), fc.integer({ min: 2, max: 5 }), fc.nat()])(
    "is without targets what the loss has beside their scores, with its derivatives",
    (rows, classes, seed) => {
      const problem = makeProblem(rows, classes, seed);
      const { targets, rowWeights } = problem.weighted;
      const wanted = expected(problem);
      const scores = problem.scores.data.slice();
      const biasGradient = new Float64Array(classes).fill(7);
      let loss = crossEntropy(
        scores,
        problem.bias,
        { targets: undefined, rowWeights },
        biasGradient,
      );
      targets.forEach((target, row) => {
        const score = problem.scores.data[target * rows + row]! + problem.bias[target]!;
        loss -= rowWeights[row]! * score;
        scores[target * rows + row]! -= rowWeights[row]!;
        biasGradient[target]! -= rowWeights[row]!;
      });
      expect(loss).toBeCloseTo(wanted.loss, 9);
      expectClose(scores, wanted.residuals.data, 9);
      expectClose(biasGradient, wanted.biasGradient, 9);
    },
  );

  it("leaves out a class of bias -Infinity", () => {
    const { scores, bias, weighted } = makeProblem(40, 3, 1);
    const targets = weighted.targets.map((target) => target % 2);
    const rest: Matrix64 = { ...scores, rows: 2, data: scores.data.slice(0, 80) };
    const wanted = expected({
      scores: rest,
      bias: bias.slice(0, 2),
      weighted: { ...weighted, targets },
    });
    bias[2] = Number.NEGATIVE_INFINITY;
    const biasGradient = new Float64Array(3);
    const loss = crossEntropy(scores.data, bias, { ...weighted, targets }, biasGradient);
    expect(loss).toBeCloseTo(wanted.loss, 9);
    expectClose(scores.data, wanted.residuals.data, 9);
    expect([...scores.data.subarray(80)]).toEqual(Array(40).fill(0));
    expect(biasGradient[2]).toBe(0);
  });
});
