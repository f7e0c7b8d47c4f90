import { describe, expect, it } from "vitest";
import { type Matrix64, rowOf, selectRows, toSingle } from "../../math/matrix.js";
import { plainLinearAlgebra } from "../../math/plain-linear-algebra.js";
import { logSoftmaxRows, meanLogLoss } from "../../math/softmax.js";
import { createRandom } from "../../random/random.js";
import { fitNearestMean, nearestMeanLogits } from "./nearest-mean.js";
import {
  findNeighbours,
  fitNearestNeighbours,
  nearestNeighboursLogProbabilities,
} from "./nearest-neighbours.js";
import { nearestOthers, nearestRows } from "./nearest-rows.js";

/** Clusters of directions, one a class. */
function makeProblem(rows: number, classes: number, noise: number) {
  const random = createRandom(rows);
  const targets = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const data = Float64Array.from({ length: rows * 8 }, (_, at) => {
    const isMarked = (at % 8) % classes === targets[Math.floor(at / 8)];
    return 5 + noise * random.normal() + Number(isMarked);
  });
  const features: Matrix64 = { rows, cols: 8, data };
  return { features, targets, classes, linearAlgebra: plainLinearAlgebra };
}

function folds(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => Math.floor(row / 4) % 5);
}

function expectNormalized({ rows, cols, data }: Matrix64): void {
  for (let row = 0; row < rows; row++) {
    const values = data.slice(row * cols, (row + 1) * cols);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 9);
  }
}

describe("fitNearestMean", () => {
  it("separates clusters out of fold", async () => {
    const problem = makeProblem(60, 4, 0.2);
    const { model, outOfFoldLogProbabilities } = await fitNearestMean({
      ...problem,
      folds: folds(60),
    });
    expectNormalized(outOfFoldLogProbabilities);
    expect(meanLogLoss(outOfFoldLogProbabilities, problem.targets)).toBeLessThan(0.1);
    const logits = await nearestMeanLogits(model, problem.features, plainLinearAlgebra);
    expect(meanLogLoss(logSoftmaxRows(logits), problem.targets)).toBeLessThan(0.1);
    for (let label = 0; label < 4; label++) {
      const mean = rowOf(model.classMeans, label);
      expect(mean.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 12);
    }
  });

  it("chooses the temperature: neither half nor double is better out of fold", async () => {
    const problem = makeProblem(80, 4, 1);
    const { outOfFoldLogProbabilities } = await fitNearestMean({ ...problem, folds: folds(80) });
    const lossAt = (factor: number): number => {
      const data = outOfFoldLogProbabilities.data.map((value) => value * factor);
      return meanLogLoss(logSoftmaxRows({ ...outOfFoldLogProbabilities, data }), problem.targets);
    };
    expect(lossAt(1)).toBeLessThan(lossAt(0.5));
    expect(lossAt(1)).toBeLessThan(lossAt(2));
  });

  it("survives a class that is missing from a fold's training rows", async () => {
    const problem = makeProblem(20, 2, 1);
    const targets = problem.targets.with(3, 2);
    const { outOfFoldLogProbabilities } = await fitNearestMean({
      ...problem,
      targets,
      classes: 3,
      folds: folds(20),
    });
    expectNormalized(outOfFoldLogProbabilities);
  });

  it("predicts each row by means that were taken without its fold", async () => {
    const problem = makeProblem(30, 3, 1);
    const options = { ...problem, folds: folds(30) };
    const { model, outOfFoldLogProbabilities } = await fitNearestMean(options);
    for (const fold of new Set(options.folds)) {
      const held = Int32Array.from(options.folds.keys()).filter(
        (row) => options.folds[row] === fold,
      );
      const rest = Int32Array.from(options.folds.keys()).filter(
        (row) => options.folds[row] !== fold,
      );
      const without = await fitNearestMean({
        ...problem,
        features: selectRows(problem.features, rest),
        targets: rest.map((row) => problem.targets[row]!),
        folds: folds(rest.length),
      });
      const said = logSoftmaxRows(
        await nearestMeanLogits(
          { ...without.model, temperature: model.temperature },
          selectRows(problem.features, held),
          plainLinearAlgebra,
        ),
      );
      held.forEach((row, at) => {
        for (const [label, value] of rowOf(said, at).entries()) {
          expect(rowOf(outOfFoldLogProbabilities, row)[label]).toBeCloseTo(value, 10);
        }
      });
    }
  });
});

describe("fitNearestNeighbours", () => {
  it("leaves each row out of its own prediction", async () => {
    const problem = makeProblem(30, 3, 0);
    // Two of each class point the same way; one row is unlike all others of its class.
    const targets = problem.targets.with(0, 1);
    const { outOfFoldLogProbabilities } = await fitNearestNeighbours({ ...problem, targets });
    expectNormalized(outOfFoldLogProbabilities);
    const [own, others] = [1, 0].map((label) => rowOf(outOfFoldLogProbabilities, 0)[label]!);
    expect(others!).toBeGreaterThan(own!);
  });

  it("leaves out the rest of a row's group as well", async () => {
    const problem = makeProblem(40, 2, 1);
    const copies = { ...problem.features, data: problem.features.data.slice() };
    for (let row = 0; row < 40; row += 2) rowOf(copies, row + 1).set(rowOf(copies, row));
    const random = createRandom(1);
    const labels = Int32Array.from({ length: 20 }, () => random.integer(2));
    const targets = Int32Array.from({ length: 40 }, (_, row) => labels[Math.floor(row / 2)]!);
    const options = { ...problem, features: copies, targets };
    const loss = async (groups?: Int32Array): Promise<number> => {
      const fit = await fitNearestNeighbours(
        groups === undefined ? options : { ...options, groups },
      );
      return meanLogLoss(fit.outOfFoldLogProbabilities, targets);
    };
    const pairs = Int32Array.from({ length: 40 }, (_, row) => Math.floor(row / 2));
    expect(await loss()).toBeLessThan(0.4);
    expect(await loss(pairs)).toBeGreaterThan(0.6);
  });

  it("chooses one neighbour for clean clusters and many for noise", async () => {
    const random = createRandom(5);
    const noise = makeProblem(60, 2, 1);
    const scrambled = noise.targets.map(() => random.integer(2));
    const many = await fitNearestNeighbours({ ...noise, targets: scrambled });
    expect(many.model.k).toBeGreaterThanOrEqual(10);
    const clean = makeProblem(12, 4, 0.01);
    const few = await fitNearestNeighbours(clean);
    expect(few.model.k).toBeLessThan(10);
  });

  it("predicts examples that it has seen, and a vector of zeros", async () => {
    const problem = makeProblem(30, 3, 0.1);
    const { model } = await fitNearestNeighbours(problem);
    const seen = await nearestNeighboursLogProbabilities(
      model,
      problem.features,
      plainLinearAlgebra,
    );
    expect(meanLogLoss(seen, problem.targets)).toBeLessThan(0.5);
    const zero = { rows: 1, cols: 8, data: new Float64Array(8) };
    expectNormalized(await nearestNeighboursLogProbabilities(model, zero, plainLinearAlgebra));
  });

  it("finds neighbours nearest first, and of equal ones the first", async () => {
    const unit = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];
    const examples = toSingle({
      rows: 4,
      cols: 2,
      data: Float64Array.from([0.5, 0.1, 2, 0.1].flatMap(unit)),
    });
    const query = toSingle({ rows: 1, cols: 2, data: Float64Array.from(unit(0)) });
    const [found] = await findNeighbours(query, examples, plainLinearAlgebra);
    expect(found!.map(({ row }) => row)).toEqual([1, 3, 0, 2]);
    expect(found![0]!.cosine).toBeCloseTo(Math.cos(0.1), 6);
  });
});

describe("nearestOthers", () => {
  it("finds what a comparison of every row with all others finds", async () => {
    const random = createRandom(4);
    // Three blocks; whole numbers, so that many cosines are equal.
    const data = Float32Array.from({ length: 2100 * 3 }, () => Math.round(2 * random.normal()));
    const rows = { rows: 2100, cols: 3, data };
    const found = await nearestOthers(rows, plainLinearAlgebra, 5);
    const isOther = (row: number, other: number): boolean => row !== other;
    const wanted = await nearestRows(rows, rows, plainLinearAlgebra, isOther, 5);
    for (const part of ["width", "counts", "rows", "cosines"] as const) {
      expect(found[part]).toEqual(wanted[part]);
    }
  });
});

describe("findNeighbours", () => {
  it("names the 20 nearest, the nearest first, whatever their order", async () => {
    const random = createRandom(9);
    const angles = Array.from({ length: 50 }, () => random.double() * Math.PI);
    const points = (list: number[]) => ({
      rows: list.length,
      cols: 2,
      data: Float32Array.from(list.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
    });
    const [found] = await findNeighbours(points([0]), points(angles), plainLinearAlgebra);
    const expected = [...angles.keys()].sort((a, b) => angles[a]! - angles[b]!).slice(0, 20);
    expect(found!.map(({ row }) => row)).toEqual(expected);
  });

  it("names the first 20 of more that are equal", async () => {
    const equal = (rows: number) =>
      toSingle({ rows, cols: 1, data: new Float64Array(rows).fill(1) });
    const [found] = await findNeighbours(equal(1), equal(25), plainLinearAlgebra);
    expect(found!.map(({ row }) => row)).toEqual(Array.from({ length: 20 }, (_, row) => row));
  });

  it("leave a row without them to chance, and a narrow bandwidth finite", async () => {
    const problem = makeProblem(12, 3, 1);
    const groups = new Int32Array(12);
    const { outOfFoldLogProbabilities } = await fitNearestNeighbours({ ...problem, groups });
    for (const value of outOfFoldLogProbabilities.data) expect(value).toBeCloseTo(Math.log(1 / 3));
    const { model } = await fitNearestNeighbours(problem);
    const narrow = await nearestNeighboursLogProbabilities(
      { ...model, k: 5, bandwidth: 1e-3 },
      problem.features,
      plainLinearAlgebra,
    );
    expect(narrow.data.every(Number.isFinite)).toBe(true);
  });
});
