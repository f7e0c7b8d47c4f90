import { describe, expect, it } from "vitest";
import { type Matrix64, rowOf, toSingle } from "../../math/matrix.js";
import { plainLinearAlgebra } from "../../math/plain-linear-algebra.js";
import { labelSmoothing, logSoftmaxRows, meanLogLoss } from "../../math/softmax.js";
import type { Csr } from "../../math/sparse.js";
import { createRandom } from "../../random/random.js";
import { probeHeldOut } from "./held-out-probe.js";
import { type LinearModel, linearLogits } from "./linear-model.js";
import { defaultGrid, fitProbe, fitProbeAt, type ProbeOptions } from "./probe.js";
import { enoughFolds, isLarge, sampleRows, thinningThreshold } from "./thinning.js";

/** Noisy clusters, one a class, with a fold for each row. */
function makeProblem(
  rows: number,
  cols: number,
  classes: number,
  { noise = 1, seed = 1 }: { noise?: number; seed?: number } = {},
): ProbeOptions & { features: Matrix64 } {
  const random = createRandom(seed);
  const targets = Int32Array.from({ length: rows }, () => random.integer(classes));
  const data = Float64Array.from({ length: rows * cols }, (_, at) => {
    const isMarked = (at % cols) % classes === targets[Math.floor(at / cols)];
    return 3 + noise * random.normal() + Number(isMarked);
  });
  return {
    features: { rows, cols, data },
    targets,
    classes,
    folds: Int32Array.from({ length: rows }, (_, row) => row % 5),
    linearAlgebra: plainLinearAlgebra,
  };
}

function sparse({ rows, cols, data }: Matrix64): Csr {
  return {
    rows,
    cols,
    rowOffsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * cols),
    columns: Int32Array.from(data, (_, at) => at % cols),
    values: data,
  };
}

function accuracy(logits: Matrix64, targets: Int32Array): number {
  const hits = targets.filter((target, row) => {
    const scores = rowOf(logits, row);
    return scores[target] === scores.reduce((a, b) => Math.max(a, b));
  });
  return hits.length / targets.length;
}

describe("probeHeldOut", () => {
  it("says of the same rows what the probes say that fitProbe measures, with fewer products", async () => {
    let products = 0;
    const counting: typeof plainLinearAlgebra = {
      multiply: (...operands) => {
        products += 1;
        return plainLinearAlgebra.multiply(...operands);
      },
    };
    const problem = { ...makeProblem(120, 20, 3, { noise: 1.5 }), linearAlgebra: counting };
    const whole = (await fitProbe(problem)).outOfFold;
    const productsOfAll = products;
    products = 0;
    const { rows, logProbabilities } = await probeHeldOut(problem);
    expect(products).toBeLessThan(productsOfAll);
    expect(rows).toEqual(whole.rows);
    const [loss, exact] = [logProbabilities, whole.logProbabilities].map((said) =>
      meanLogLoss(said, problem.targets),
    );
    expect(loss! / exact!).toBeCloseTo(1, 2);
    expect(exact).toBeLessThan(Math.log(3));
  });
});

describe("fitProbe", () => {
  it("learns what can be learned, and its out-of-fold predictions show it", async () => {
    const problem = makeProblem(200, 12, 3, { noise: 0.3 });
    const probe = await fitProbe(problem);
    const logits = await linearLogits(probe.linear, problem.features, plainLinearAlgebra);
    expect(accuracy(logits, problem.targets)).toBe(1);
    expect(accuracy(probe.outOfFold.logProbabilities, problem.targets)).toBeGreaterThan(0.99);
    for (let row = 0; row < 200; row++) {
      const probabilities = rowOf(probe.outOfFold.logProbabilities, row).map(Math.exp);
      expect(probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12);
    }
  });

  it("chooses strong regularisation where there is nothing to learn", async () => {
    const problem = makeProblem(100, 30, 2, { noise: 1e6 });
    const probe = await fitProbe(problem);
    expect(probe.c).toBeLessThan(1);
    expect(meanLogLoss(probe.outOfFold.logProbabilities, problem.targets)).toBeCloseTo(
      Math.log(2),
      1,
    );
  });

  it("keeps the C with the least loss and reports each that it tried", async () => {
    const problem = makeProblem(100, 30, 3);
    const { c, losses, outOfFold } = await fitProbe(problem);
    const best = losses.reduce((a, b) => (b.loss < a.loss ? b : a));
    expect(c).toBe(best.c);
    const smoothed = meanLogLoss(
      outOfFold.logProbabilities,
      problem.targets,
      undefined,
      labelSmoothing(problem.targets.length),
    );
    expect(best.loss).toBeCloseTo(smoothed, 12);
    const first = defaultGrid.indexOf(losses[0]!.c);
    expect(losses.map((tried) => tried.c)).toEqual(defaultGrid.slice(first, first + losses.length));
    expect(losses.length).toBeLessThan(defaultGrid.length);
  });

  it("does not let a row have a say in its own out-of-fold prediction", async () => {
    const problem = makeProblem(60, 8, 3);
    const first = await fitProbe({ ...problem, grid: [1] });
    const changed = problem.targets.map((target, row) => (row === 10 ? (target + 1) % 3 : target));
    const second = await fitProbe({ ...problem, targets: changed, grid: [1] });
    expect(rowOf(second.outOfFold.logProbabilities, 10)).toEqual(
      rowOf(first.outOfFold.logProbabilities, 10),
    );
    expect(rowOf(second.outOfFold.logProbabilities, 11)).not.toEqual(
      rowOf(first.outOfFold.logProbabilities, 11),
    );
  });

  for (const [rows, cols] of [
    [80, 10],
    [30, 60],
  ] as const) {
    it(`fits sparse, single and double precision features alike (${rows} x ${cols})`, async () => {
      const problem = makeProblem(rows, cols, 3);
      const double = await fitProbe(problem);
      const others = [
        await fitProbe({ ...problem, features: sparse(problem.features) }),
        await fitProbe({ ...problem, features: toSingle(problem.features) }),
      ];
      for (const other of others) {
        expect(other.c).toBe(double.c);
        other.linear.weights.forEach((weight, i) => {
          expect(weight).toBeCloseTo(double.linear.weights[i]!, 4);
        });
      }
    });
  }

  it("balances classes on request", async () => {
    const problem = makeProblem(300, 3, 2, { noise: 2 });
    const targets = problem.targets.map((target, row) => (row % 4 === 0 ? target : 0));
    const shareOfRare = async (classWeights: "none" | "balanced"): Promise<number> => {
      const probe = await fitProbe({ ...problem, targets, classWeights });
      const { data } = probe.outOfFold.logProbabilities;
      return targets.filter((_, row) => data[2 * row + 1]! > data[2 * row]!).length / 300;
    };
    expect(await shareOfRare("balanced")).toBeGreaterThan(2 * (await shareOfRare("none")));
  });

  it("survives classes that are missing from a fold's training rows, or altogether", async () => {
    const problem = makeProblem(40, 6, 3);
    const targets = problem.targets.map((target) => (target === 2 ? 0 : target));
    targets[7] = 2;
    const probe = await fitProbe({ ...problem, targets, classes: 4 });
    for (const value of probe.outOfFold.logProbabilities.data) expect(value).toBeGreaterThan(-20);
    for (const value of probe.linear.bias) expect(Number.isFinite(value)).toBe(true);
  });

  it("survives constant features", async () => {
    const problem = makeProblem(20, 3, 2);
    const features = { ...problem.features, data: new Float64Array(60).fill(0.1) };
    const probe = await fitProbe({ ...problem, features });
    for (const value of probe.linear.weights) expect(Math.abs(value)).toBeLessThan(1e-9);
  });

  it("refuses features that are not finite, and fewer than two folds", async () => {
    const problem = makeProblem(20, 3, 2);
    const data = problem.features.data.with(30, Number.NaN);
    const features = { ...problem.features, data };
    await expect(fitProbe({ ...problem, features })).rejects.toThrow("not finite");
    await expect(fitProbe({ ...problem, folds: new Int32Array(20) })).rejects.toThrow("2 folds");
  });
});

describe("large problems", () => {
  const classes = 20;
  const rows = thinningThreshold / classes + 1000;

  it("hold out only as many folds as are enough to choose by", async () => {
    const { targets, folds } = makeProblem(rows, 1, classes);
    const labels = { targets, folds, classes, rowWeights: new Float64Array(rows) };
    const all = [0, 1, 2, 3, 4];
    expect(enoughFolds(labels, all)).toEqual([0, 1]);
    expect(enoughFolds({ ...labels, classes: 3 }, all)).toEqual(all);
  });

  it("predict the rows of these folds out of fold", async () => {
    const { folds, ...problem } = makeProblem(1500, 4, 40, { noise: 0.1 });
    const { outOfFold } = await fitProbe({ ...problem, folds, grid: [10] });
    expect([...outOfFold.rows]).toEqual([...folds.keys()].filter((row) => folds[row]! < 3));
    expect(outOfFold.logProbabilities.rows).toBe(outOfFold.rows.length);
  });

  it("are searched on a sample that has its share of every class and fold", () => {
    const { targets, folds } = makeProblem(rows, 1, classes);
    const labels = { targets, folds, classes, rowWeights: new Float64Array(rows) };
    expect(isLarge(labels)).toBe(true);
    const sample = sampleRows(labels);
    expect(sample.length).toBe(thinningThreshold / classes);
    const share = sample.length / rows;
    for (let label = 0; label < classes; label++) {
      for (let fold = 0; fold < 5; fold++) {
        const isHere = (row: number) => targets[row] === label && folds[row] === fold;
        const expected = share * targets.filter((_, row) => isHere(row)).length;
        expect(Math.abs(sample.filter(isHere).length - expected)).toBeLessThanOrEqual(1);
      }
    }
    expect(new Set(sample).size).toBe(sample.length);
    expect(sample.every((row, i) => i === 0 || row > sample[i - 1]!)).toBe(true);
  });

  it("get the solution of the whole problem", async () => {
    const problem = makeProblem(rows, 20, classes, { noise: 0.4 });
    const probe = await fitProbe({ ...problem, grid: [0.1, 10, 1000] });
    const logits = await linearLogits(probe.linear, problem.features, plainLinearAlgebra);
    expect(accuracy(logits, problem.targets)).toBeGreaterThan(0.7);
    const { rows: heldOut, logProbabilities } = probe.outOfFold;
    const targets = heldOut.map((row) => problem.targets[row]!);
    expect(accuracy(logProbabilities, targets)).toBeGreaterThan(0.7);
    expect(probe.losses.length).toBeGreaterThan(1);
    expect(probe.c).toBe(probe.losses.reduce((a, b) => (b.loss < a.loss ? b : a)).c);

    const again = await fitProbeAt(probe.c, problem);
    const lossOf = (scores: Matrix64): number =>
      meanLogLoss(logSoftmaxRows(scores), problem.targets, undefined, 0);
    const refitted = await linearLogits(again, problem.features, plainLinearAlgebra);
    // Both stop at the tolerance of large problems.
    expect(Math.abs(lossOf(refitted) / lossOf(logits) - 1)).toBeLessThan(0.01);
  });

  it("get it from wherever they start, and at once from where they ended", async () => {
    let products = 0;
    const counting: typeof plainLinearAlgebra = {
      multiply: (...operands) => {
        products += 1;
        return plainLinearAlgebra.multiply(...operands);
      },
    };
    const problem = { ...makeProblem(rows, 20, classes, { noise: 0.4 }), linearAlgebra: counting };
    const lossOf = async (model: LinearModel): Promise<number> => {
      const logits = await linearLogits(model, problem.features, plainLinearAlgebra);
      return meanLogLoss(logSoftmaxRows(logits), problem.targets, undefined, 0);
    };
    const cold = await fitProbeAt(10, problem);
    const wrong = { weights: cold.weights.map((weight) => -weight), bias: cold.bias };
    const fromWrong = await fitProbeAt(10, problem, wrong);
    expect(Math.abs((await lossOf(fromWrong)) / (await lossOf(cold)) - 1)).toBeLessThan(0.02);
    products = 0;
    const again = await fitProbeAt(10, problem, cold);
    expect(products).toBeLessThanOrEqual(12);
    expect(Math.abs((await lossOf(again)) / (await lossOf(cold)) - 1)).toBeLessThan(0.01);
  });
});
