import { describe, expect, it } from "vitest";
import { type Matrix64, rowOf, selectRows, toDouble, zeros64 } from "../../math/matrix.js";
import { plainLinearAlgebra } from "../../math/plain-linear-algebra.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { createRandom } from "../../random/random.js";
import { alignFeatures } from "./alignment.js";
import { type Design, denseDesign, scaledCopy } from "./design.js";
import { type LinearModel, linearLogits, weightMatrix } from "./linear-model.js";
import { fitLogistic, type Labels } from "./logistic.js";
import { rotate } from "./rotation.js";
import { fitScaling, unscale } from "./scaling.js";

const exact = { tolerance: 1e-20 };

/** Noisy clusters, one a class. */
function makeProblem(rows: number, cols: number, classes: number, seed: number) {
  const random = createRandom(seed);
  const targets = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const data = Float64Array.from(
    { length: rows * cols },
    (_, at) => random.normal() + Number((at % cols) % classes === targets[Math.floor(at / cols)]),
  );
  const features: Matrix64 = { rows, cols, data };
  const labels: Labels = { targets, classes };
  return { features, labels, rowWeights: new Float64Array(rows).fill(1) };
}

function dense(features: Matrix64): Design {
  return denseDesign(features, plainLinearAlgebra);
}

async function fitOne(
  design: Design,
  labels: Labels,
  rowWeights: Float64Array,
  c: number,
): Promise<LinearModel> {
  const [model] = await fitLogistic(design, labels, [{ rowWeights, c }], exact);
  return model!;
}

function expectSame(actual: LinearModel, expected: LinearModel, tolerance = 1e-6): void {
  for (const part of ["weights", "bias"] as const) {
    expect(actual[part].length).toBe(expected[part].length);
    actual[part].forEach((value, i) => {
      expect(Math.abs(value - expected[part][i]!)).toBeLessThan(tolerance);
    });
  }
}

/** `c · Σ rowWeight · loss + ½ |W|²`, by definition. */
async function objective(
  features: Matrix64,
  { targets }: Labels,
  rowWeights: Float64Array,
  c: number,
  model: LinearModel,
): Promise<number> {
  const logits = await linearLogits(model, features, plainLinearAlgebra);
  const logProbabilities = logSoftmaxRows(logits);
  const loss = targets.reduce(
    (sum, target, row) => sum - rowWeights[row]! * rowOf(logProbabilities, row)[target]!,
    0,
  );
  return c * loss + 0.5 * model.weights.reduce((sum, weight) => sum + weight * weight, 0);
}

describe("fitLogistic", () => {
  it("finds a point at which finite differences of the objective vanish", async () => {
    const { features, labels } = makeProblem(30, 4, 3, 1);
    const rowWeights = Float64Array.from({ length: 30 }, (_, row) => (row % 4) / 2);
    const model = await fitOne(dense(features), labels, rowWeights, 2);
    const h = 1e-5;
    for (const part of ["weights", "bias"] as const) {
      for (let i = 0; i < model[part].length; i++) {
        const [above, below] = await Promise.all(
          [h, -h].map((change) => {
            const moved = model[part].slice();
            moved[i]! += change;
            return objective(features, labels, rowWeights, 2, { ...model, [part]: moved });
          }),
        );
        expect(Math.abs((above! - below!) / (2 * h))).toBeLessThan(1e-5);
      }
    }
  });

  it("does not depend on the order of rows", async () => {
    const { features, labels, rowWeights } = makeProblem(40, 5, 4, 2);
    const order = createRandom(3).shuffle(Int32Array.from(labels.targets.keys()));
    const shuffled = { ...labels, targets: order.map((row) => labels.targets[row]!) };
    expectSame(
      await fitOne(dense(selectRows(features, order)), shuffled, rowWeights, 1),
      await fitOne(dense(features), labels, rowWeights, 1),
    );
  });

  it("counts a row of weight 2 as two rows, and one of weight 0 not at all", async () => {
    const { features, labels, rowWeights } = makeProblem(30, 5, 3, 4);
    const rows = Int32Array.from([...Array(29).keys(), 0, 1, 2]);
    const repeated = { ...labels, targets: rows.map((row) => labels.targets[row]!) };
    const weights = rowWeights.map((_, row) => (row < 3 ? 2 : Number(row < 29)));
    expectSame(
      await fitOne(dense(features), labels, weights, 1),
      await fitOne(dense(selectRows(features, rows)), repeated, new Float64Array(32).fill(1), 1),
    );
  });

  it("solves problems together as it solves them alone, wherever they start", async () => {
    const { features, labels, rowWeights } = makeProblem(40, 5, 4, 5);
    const design = dense(features);
    const [strong, fold, weak] = [
      { rowWeights, c: 0.01 },
      { rowWeights: rowWeights.map((_, row) => Number(row % 5 !== 0)), c: 1 },
      { rowWeights, c: 10 },
    ] as const;
    const start = await fitOne(design, labels, rowWeights, 3);
    const problems = [strong, { ...fold, start }, weak];
    const together = await fitLogistic(design, labels, problems, exact);
    for (const [index, { rowWeights: weights, c }] of problems.entries()) {
      expectSame(together[index]!, await fitOne(design, labels, weights, c));
    }
  });

  it("gives a class without rows the probability 1 / (n + 2) at the centre", async () => {
    const { features, labels } = makeProblem(30, 4, 3, 6);
    const withoutLast = Float64Array.from(labels.targets, (target) => Number(target !== 2));
    const model = await fitOne(dense(features), labels, withoutLast, 100);
    const centre = await linearLogits(model, zeros64(1, 4), plainLinearAlgebra);
    expect(Math.exp(logSoftmaxRows(centre).data[2]!)).toBeCloseTo(1 / 22, 12);
    expect([...rowOf(weightMatrix(model), 2)]).toEqual([0, 0, 0, 0]);
  });

  it("learns the other classes as if a class without rows were not there", async () => {
    const { features, labels } = makeProblem(30, 4, 3, 6);
    const withoutLast = Float64Array.from(labels.targets, (target) => Number(target !== 2));
    const model = await fitOne(dense(features), labels, withoutLast, 100);
    const rows = Int32Array.from(
      [...labels.targets.keys()].filter((row) => withoutLast[row] === 1),
    );
    const rest = { classes: 2, targets: rows.map((row) => labels.targets[row]!) };
    const ones = new Float64Array(rows.length).fill(1);
    const alone = await fitOne(dense(selectRows(features, rows)), rest, ones, 100);
    expect(Math.max(...alone.weights)).toBeGreaterThan(0.1);
    expectSame(
      { weights: model.weights.subarray(0, 8), bias: model.bias.subarray(0, 2) },
      alone,
      1e-5,
    );
  });

  it("learns a row with a probability of each class as one row of each class, so weighted", async () => {
    const { features, labels } = makeProblem(30, 5, 4, 8);
    const { classes } = labels;
    const random = createRandom(9);
    const rowWeights = Float64Array.from({ length: 30 }, (_, row) => (row % 4) / 2);
    // Nobody takes a row for one of the last class.
    const softTargets = zeros64(classes, 30);
    for (let row = 0; row < 30; row++) {
      const shares = [0, 1, 2].map(() => random.double());
      const sum = shares.reduce((total, share) => total + share, 0);
      shares.forEach((share, k) => {
        softTargets.data[k * 30 + row] = share / sum;
      });
    }
    const [soft] = await fitLogistic(
      dense(features),
      labels,
      [{ rowWeights, softTargets, c: 3 }],
      exact,
    );
    const cells = Array.from({ length: 30 * classes }, (_, at) => [at % 30, Math.floor(at / 30)]);
    const repeated = {
      classes,
      targets: Int32Array.from(cells, ([, k]) => k!),
    };
    const weights = Float64Array.from(
      cells,
      ([row, k]) => rowWeights[row!]! * softTargets.data[k! * 30 + row!]!,
    );
    const rows = Int32Array.from(cells, ([row]) => row!);
    expectSame(soft!, await fitOne(dense(selectRows(features, rows)), repeated, weights, 3));
  });

  it("stops when it is told to", async () => {
    const { features, labels, rowWeights } = makeProblem(30, 4, 3, 7);
    const signal = AbortSignal.abort(new Error("stop"));
    const fit = fitLogistic(dense(features), labels, [{ rowWeights, c: 1 }], { ...exact, signal });
    await expect(fit).rejects.toThrow("stop");
  });
});

describe("changes of coordinates do not change the solution", () => {
  it("rotation of fewer rows than columns", async () => {
    const { features, labels, rowWeights } = makeProblem(20, 50, 3, 8);
    const design = dense(features);
    const { design: rotated, restore } = await rotate(design, 3, plainLinearAlgebra);
    expect(rotated.cols).toBe(20);
    expectSame(
      await restore(await fitOne(rotated, labels, rowWeights, 5)),
      await fitOne(design, labels, rowWeights, 5),
    );
  });

  it("rotation of duplicate rows", async () => {
    const { features, labels, rowWeights } = makeProblem(20, 50, 3, 9);
    const rows = Int32Array.from({ length: 20 }, (_, row) => row % 7);
    const design = dense(selectRows(features, rows));
    const { design: rotated, restore } = await rotate(design, 3, plainLinearAlgebra);
    expect(rotated.cols).toBe(7);
    expectSame(
      await restore(await fitOne(rotated, labels, rowWeights, 0.5)),
      await fitOne(design, labels, rowWeights, 0.5),
    );
  });

  it("alignment with principal axes", async () => {
    const { features, labels, rowWeights } = makeProblem(120, 80, 3, 10);
    const direct = await fitOne(dense(features), labels, rowWeights, 0.1);
    const aligned = { ...features, data: features.data.slice() };
    const { align, restore } = await alignFeatures(aligned, plainLinearAlgebra);
    expect(aligned.data).not.toEqual(features.data);
    expectSame(await restore(await fitOne(dense(aligned), labels, rowWeights, 0.1)), direct);
    expectSame(await restore(await align(direct)), direct);
  });

  it("scaling", async () => {
    const { features, labels, rowWeights } = makeProblem(40, 6, 3, 11);
    const scaling = fitScaling(features);
    const scaled = dense(toDouble(scaledCopy(features, scaling, 3)));
    const c = 2 / scaling.factor ** 2;
    const model = unscale(await fitOne(scaled, labels, rowWeights, c), scaling);
    const direct = await fitOne(dense(features), labels, rowWeights, 2);
    // The bias is free up to a constant.
    const shift = direct.bias[0]! - model.bias[0]!;
    expectSame({ ...model, bias: model.bias.map((value) => value + shift) }, direct);
  });
});
