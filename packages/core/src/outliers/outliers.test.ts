import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { cholesky, solve } from "../math/cholesky.js";
import { type Matrix64, rowOf, toSingle, zeros32, zeros64 } from "../math/matrix.js";
import { plainLinearAlgebra } from "../math/plain-linear-algebra.js";
import { addScaled, dot, toUnitLength } from "../math/vector.js";
import { createRandom } from "../random/random.js";
import {
  type ClassGaussians,
  fitClassGaussians,
  heldOutSquaredDistances,
  squaredDistances,
} from "./class-gaussians.js";
import { fitOutliers, scoreOutliers } from "./outliers.js";

/** Rows around the mean of their class, one class after the other in turn. */
function clusters(rows: number, features: number, classes: number, seed: number, spread = 0.3) {
  const random = createRandom(seed);
  const centres = Array.from({ length: classes }, () =>
    Float64Array.from({ length: features }, () => random.normal()),
  );
  const data = zeros64(rows, features);
  const targets = Int32Array.from({ length: rows }, (_, row) => row % classes);
  targets.forEach((target, row) => {
    const noise = Float64Array.from({ length: features }, () => random.normal());
    addScaled(rowOf(data, row), 1, centres[target]!);
    addScaled(rowOf(data, row), spread, noise);
    toUnitLength(rowOf(data, row));
  });
  return { data, targets, classes };
}

function order(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row);
}

/** `(1 - λ) S + τ I`, written out; `S` less the part of one row where it is left out. */
function covariance({ centred, lambda, tau }: ClassGaussians, without?: Float64Array): Matrix64 {
  const { rows, cols } = centred;
  const result = zeros64(cols, cols);
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j < cols; j++) {
      let sum = without === undefined ? 0 : -without[i]! * without[j]!;
      for (let row = 0; row < rows; row++) {
        sum += rowOf(centred, row)[i]! * rowOf(centred, row)[j]!;
      }
      result.data[i * cols + j] = ((1 - lambda) * sum) / rows + (i === j ? tau : 0);
    }
  }
  return result;
}

function squared(sigma: Matrix64, offset: Float64Array): number {
  return dot(offset, solve(cholesky(sigma), offset));
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, index) => value - b[index]!);
}

describe("distances to classes", () => {
  const shapes = fc.record({
    rows: fc.integer({ min: 6, max: 14 }),
    features: fc.integer({ min: 2, max: 9 }),
    classes: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
  });

  test.prop([shapes], { numRuns: 30 })(
    "are those of the covariance written out",
    async ({ rows, features, classes, seed }) => {
      const { data, targets } = clusters(rows, features, classes, seed);
      const gaussians = await fitClassGaussians(
        data,
        targets,
        classes,
        order(rows),
        plainLinearAlgebra,
      );
      const found = await squaredDistances(gaussians, data, plainLinearAlgebra);
      const sigma = covariance(gaussians);
      for (let row = 0; row < rows; row++) {
        for (let k = 0; k < classes; k++) {
          const offset = minus(rowOf(data, row), rowOf(gaussians.means, k));
          expect(rowOf(found, row)[k]).toBeCloseTo(squared(sigma, offset), 5);
        }
      }
    },
  );

  test.prop([shapes], { numRuns: 30 })(
    "of a row that is left out do not know it",
    async ({ rows, features, classes, seed }) => {
      const { data, targets } = clusters(rows, features, classes, seed);
      const gaussians = await fitClassGaussians(
        data,
        targets,
        classes,
        order(rows),
        plainLinearAlgebra,
      );
      const all = order(rows);
      const found = await heldOutSquaredDistances(
        gaussians,
        data,
        targets,
        all,
        plainLinearAlgebra,
      );
      for (const row of all) {
        const own = targets[row]!;
        const size = gaussians.counts[own]!;
        const v = minus(rowOf(data, row), rowOf(gaussians.means, own));
        const sigma = covariance(
          gaussians,
          v.map((value) => value * Math.sqrt(size / (size - 1))),
        );
        for (let k = 0; k < classes; k++) {
          const mean = rowOf(gaussians.means, k).slice();
          if (k === own) addScaled(mean, -1 / (size - 1), v);
          const expected = squared(sigma, minus(rowOf(data, row), mean));
          expect(rowOf(found, row)[k]! / expected).toBeCloseTo(1, 4);
        }
      }
    },
  );

  it("shrink the covariance as scikit-learn's ledoit_wolf does", async () => {
    // from sklearn.covariance import ledoit_wolf
    // ledoit_wolf([[1,2,0],[-1,0,1],[0,-2,-1],[2,1,1],[-2,-1,-1]], assume_centered=True)
    const data = {
      rows: 5,
      cols: 3,
      data: Float64Array.of(1, 2, 0, -1, 0, 1, 0, -2, -1, 2, 1, 1, -2, -1, -1),
    };
    const gaussians = await fitClassGaussians(
      data,
      new Int32Array(5),
      1,
      order(5),
      plainLinearAlgebra,
    );
    expect(gaussians.lambda).toBeCloseTo(0.4, 10);
  });
});

describe("outlier scores", () => {
  const known = clusters(300, 12, 3, 1);
  const model = fitOutliers({
    embeddings: toSingle(known.data),
    targets: known.targets,
    classes: 3,
    groups: order(300),
    linearAlgebra: plainLinearAlgebra,
    random: createRandom(7),
  });

  it("flags about one in twenty of the same kind, and what is unlike all", async () => {
    const same = clusters(600, 12, 3, 1).data;
    const fresh = { rows: 300, cols: 12, data: toSingle(same).data.subarray(300 * 12) };
    const judged = await scoreOutliers(await model, fresh, plainLinearAlgebra);
    const flagged = judged.filter(({ isOutlier }) => isOutlier).length;
    expect(flagged / 300).toBeLessThan(0.08);

    const strange = toSingle(clusters(100, 12, 2, 99).data);
    const others = await scoreOutliers(await model, strange, plainLinearAlgebra);
    expect(others.filter(({ isOutlier }) => isOutlier).length).toBeGreaterThan(90);
  });

  it("of training examples is that of their like", async () => {
    const judged = await scoreOutliers(await model, toSingle(known.data), plainLinearAlgebra);
    expect(judged.filter(({ isOutlier }) => isOutlier).length).toBeLessThan(15);
  });

  it("is judged on few examples, a class of one, and equal rows", async () => {
    const embeddings = zeros32(5, 2);
    embeddings.data.set([1, 0, 1, 0, 1, 0, 1, 0, 0, 1]);
    const few = await fitOutliers({
      embeddings,
      targets: Int32Array.of(0, 0, 0, 0, 1),
      classes: 3,
      groups: Int32Array.of(0, 0, 0, 0, 4),
      linearAlgebra: plainLinearAlgebra,
      random: createRandom(1),
    });
    const inputs = zeros32(2, 2);
    inputs.data.set([1, 0, 0, -1]);
    const [same, opposite] = await scoreOutliers(few, inputs, plainLinearAlgebra);
    expect(same).toMatchObject({ isOutlier: false });
    for (const judged of [same!, opposite!]) {
      for (const share of [judged.knnPValue, judged.classPValue]) {
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThanOrEqual(1);
      }
    }
  });
});
