import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Matrix64 } from "../math/matrix.js";
import { plainLinearAlgebra } from "../math/plain-linear-algebra.js";
import { fitNearestMean, nearestMeanLogits } from "./distance/nearest-mean.js";
import {
  fitNearestNeighbours,
  nearestNeighboursLogProbabilities,
} from "./distance/nearest-neighbours.js";
import { denseDesign } from "./logistic/design.js";
import { fitLogistic } from "./logistic/logistic.js";
import { fitProbe } from "./logistic/probe.js";
import { fitScaling } from "./logistic/scaling.js";
import { fitTfidf, transformTfidf } from "./words/tfidf.js";

interface DataShape {
  rows: number;
  columns: number;
  classes: number;
}

interface Goldens {
  logistic: (DataShape & {
    c: number;
    skew: number;
    weighted: boolean;
    balanced: boolean;
    weights: number[];
    bias: number[];
  })[];
  neighbours: (DataShape & { k: number; logProbabilities: number[] })[];
  classMeans: DataShape & { cosines: number[] };
  tfidf: {
    texts: string[];
    terms: string[];
    idf: number[];
    rowOffsets: number[];
    columns: number[];
    values: number[];
  };
}

const goldens: Goldens = JSON.parse(
  readFileSync(new URL("./goldens/heads.json", import.meta.url), "utf8"),
);

/** The generator of goldens/make.py. */
function uniform(count: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

function makeData({ rows, columns, classes }: DataShape, skew: number) {
  const draws = uniform(rows, columns);
  const targets = Int32Array.from(draws, (draw, row) =>
    row < classes ? row : Math.floor(draw ** skew * classes),
  );
  const data = uniform(rows * columns, rows).map((noise, at) => {
    const isMarked = (at % columns) % classes === targets[Math.floor(at / columns)];
    return noise + (isMarked ? 0.5 : 0);
  });
  const features: Matrix64 = { rows, cols: columns, data };
  return { features, targets };
}

function query(columns: number): Matrix64 {
  return { rows: 10, cols: columns, data: uniform(10 * columns, 99) };
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number) {
  expect(actual.length).toBe(expected.length);
  const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(actual[i]! - value)), 0);
  expect(worst).toBeLessThan(tolerance);
}

function centred(bias: Float64Array): Float64Array {
  const mean = bias.reduce((sum, value) => sum + value, 0) / bias.length;
  return bias.map((value) => value - mean);
}

describe("logistic regression agrees with scikit-learn", () => {
  for (const golden of goldens.logistic) {
    const { rows, columns, classes, c } = golden;
    const variant = `${golden.weighted ? ", weighted" : ""}${golden.balanced ? ", balanced" : ""}`;
    const name = `${rows} x ${columns}, ${classes} classes, C = ${c}${variant}`;
    const { features, targets } = makeData(golden, golden.skew);

    it(`fitLogistic: ${name}`, async () => {
      const counts = new Map<number, number>();
      for (const target of targets) counts.set(target, (counts.get(target) ?? 0) + 1);
      const sampleWeights = golden.weighted
        ? uniform(rows, 7).map((draw) => 0.5 + draw)
        : undefined;
      const rowWeights = Float64Array.from(targets, (target, row) => {
        const classWeight = golden.balanced ? rows / (classes * counts.get(target)!) : 1;
        return classWeight * (sampleWeights?.[row] ?? 1);
      });
      const design = denseDesign(features, plainLinearAlgebra);
      const labels = { targets, classes };
      const options = { tolerance: 1e-20 };
      const [model] = await fitLogistic(design, labels, [{ rowWeights, c }], options);
      expectClose(model!.weights, golden.weights, 1e-6);
      expectClose(centred(model!.bias), golden.bias, 1e-6);
    });

    if (golden.weighted) continue;
    it(`fitProbe: ${name}`, async () => {
      const probe = await fitProbe({
        features,
        targets,
        classes,
        folds: Int32Array.from(targets.keys(), (row) => row % 5),
        classWeights: golden.balanced ? "balanced" : "none",
        // The penalty is on the weights of scaled features.
        grid: [c / fitScaling(features).factor ** 2],
        linearAlgebra: plainLinearAlgebra,
      });
      expectClose(probe.linear.weights, golden.weights, 1e-4);
      expectClose(centred(probe.linear.bias), golden.bias, 1e-4);
    });
  }
});

describe("nearest neighbours agree with scikit-learn", () => {
  for (const golden of goldens.neighbours) {
    it(`k = ${golden.k}`, async () => {
      const { features, targets } = makeData(golden, 1);
      const { model } = await fitNearestNeighbours({
        features,
        targets,
        classes: golden.classes,
        linearAlgebra: plainLinearAlgebra,
      });
      const actual = await nearestNeighboursLogProbabilities(
        { ...model, k: golden.k },
        query(golden.columns),
        plainLinearAlgebra,
      );
      expectClose(actual.data, golden.logProbabilities, 1e-4);
    });
  }
});

it("cosines to class means agree with scikit-learn", async () => {
  const { classMeans } = goldens;
  const { features, targets } = makeData(classMeans, 2);
  const { model } = await fitNearestMean({
    features,
    targets,
    classes: classMeans.classes,
    folds: Int32Array.from(targets.keys(), (row) => row % 4),
    linearAlgebra: plainLinearAlgebra,
  });
  const warm = { ...model, temperature: 1 };
  const actual = await nearestMeanLogits(warm, query(classMeans.columns), plainLinearAlgebra);
  expectClose(actual.data, classMeans.cosines, 1e-9);
});

it("TF-IDF agrees with scikit-learn", () => {
  const { texts, terms, idf, rowOffsets, columns, values } = goldens.tfidf;
  const model = fitTfidf(texts, { tokenization: { segmented: false } });
  expect([...model.terms.keys()]).toEqual(terms);
  expect([...model.terms.values()]).toEqual(terms.map((_, column) => column));
  expectClose(model.idf, idf, 1e-9);
  const matrix = transformTfidf(model, texts);
  expect([...matrix.rowOffsets]).toEqual(rowOffsets);
  expect([...matrix.columns]).toEqual(columns);
  expectClose(matrix.values, values, 1e-9);
});
