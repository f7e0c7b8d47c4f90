import { describe, expect, it } from "vitest";
import type { LabelledFeatures } from "../../features/labelled-features.js";
import { type Matrix32, rowOf, zeros32 } from "../../math/matrix.js";
import { plainLinearAlgebra as linearAlgebra } from "../../math/plain-linear-algebra.js";
import { indexOfLargest } from "../../math/vector.js";
import { createRandom } from "../../random/random.js";
import {
  type FitHeadOptions,
  fitViews,
  poolViews,
  predictViews,
  stackViews,
} from "../stack/stacked-head.js";
import type { ViewRecipe } from "../views/views.js";
import { learnFromNames, learnFromUnlabelled } from "./learn.js";
import { coordinatesOf, fitSpace, modelOfFeatures } from "./space.js";
import { readUnlabelled } from "./unlabelled.js";

const [LABELLED, UNLABELLED, TESTED, WIDTH, CLASSES] = [6, 150, 120, 24, 2];
const ROWS = LABELLED + UNLABELLED + TESTED;
const random = createRandom(11);

/** Two clusters that are wide in all directions, so that three rows of each say little about them. */
function featuresOf(targets: Int32Array): Matrix32 {
  const matrix = zeros32(ROWS, WIDTH);
  targets.forEach((target, row) => {
    const vector = rowOf(matrix, row);
    for (let col = 0; col < WIDTH; col++) vector[col] = random.normal();
    vector[0]! += target === 0 ? 2 : -2;
  });
  return matrix;
}

const classOf = Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES);
const columns = [{ tap: "layer", pooling: "mean", width: WIDTH }] as const;
const data: LabelledFeatures = {
  table: { columns, matrix: featuresOf(classOf) },
  texts: Array.from(
    classOf,
    (target, row) => `${target === 0 ? "tea" : "rain"} and word${row % 9}`,
  ),
  targets: classOf.map((target, row) => (row < LABELLED ? target : -1)),
  classes: CLASSES,
  groups: Int32Array.from(classOf.keys()),
};
const range = (start: number, count: number): Int32Array =>
  Int32Array.from({ length: count }, (_, index) => start + index);
const [labelled, unlabelled, tested] = [
  range(0, LABELLED),
  range(LABELLED, UNLABELLED),
  range(LABELLED + UNLABELLED, TESTED),
];
const recipes: readonly ViewRecipe[] = [
  { kind: "layers", name: "last", columns, normalize: "length", classifier: "logistic" },
  {
    kind: "layers",
    name: "layers-mean-max",
    columns,
    normalize: "standard",
    classifier: "logistic",
  },
  { kind: "words", name: "words" },
];
const options = (): FitHeadOptions => ({
  linearAlgebra,
  random: createRandom(7),
  classWeights: "none",
  keepFolds: true,
});

async function learn(targets: Int32Array, keep = false) {
  const labels = { ...data, targets };
  const fitted = await fitViews(labels, labelled, recipes, options());
  const read = await readUnlabelled(labels, recipes, unlabelled, labelled, {
    linearAlgebra,
    keep,
  });
  return { fitted, learned: await learnFromUnlabelled(fitted, labels, labelled, read, options()) };
}

const accuracyOf = (says: { data: Float64Array; cols: number; rows: number }): number =>
  tested.filter((row, place) => indexOfLargest(rowOf(says, place)) === classOf[row]).length /
  TESTED;

describe("learnFromUnlabelled", () => {
  it("finds the clusters that a few labels name", async () => {
    const { fitted, learned } = await learn(data.targets);
    const names = learned.views.map(({ recipe }) => recipe.name);
    expect(names).toEqual([
      "last-coloured",
      "layers-mean-max",
      "words-coloured",
      "last-student",
      "layers-mean-max-student",
      "words-student",
    ]);
    const before = await predictViews(fitted.views, data, tested, linearAlgebra);
    const after = await predictViews(learned.views, data, tested, linearAlgebra);
    expect(accuracyOf(after.get("last-student")!)).toBeGreaterThan(accuracyOf(before.get("last")!));
    const head = stackViews(learned, new Set(names));
    expect(accuracyOf(poolViews(head, after))).toBeGreaterThan(0.9);
  });

  it("asks about every held-out row a student that has not seen its label", async () => {
    const { learned } = await learn(data.targets);
    for (const { rows, logProbabilities } of learned.outOfFold) {
      expect([...rows]).toEqual([...labelled.keys()]);
      expect(logProbabilities.data.every(Number.isFinite)).toBe(true);
    }
    // Labels by chance: who had seen a label could repeat it.
    const other = await learn(data.targets.map((target, row) => (row < 2 ? 1 - target : target)));
    const student = other.learned.outOfFold[3]!.logProbabilities;
    expect(indexOfLargest(rowOf(student, 0))).toBe(0);
  });
});

describe("a graph that is kept", () => {
  it("is a view that knows rows by their neighbours, in which labels outside of it were spread", async () => {
    const { learned } = await learn(data.targets, true);
    const { view, outOfFold } = {
      view: learned.views.at(-1)!,
      outOfFold: learned.outOfFold.at(-1)!,
    };
    expect(view.recipe.name).toBe("graph");
    expect([...outOfFold.rows]).toEqual([...labelled.keys()]);
    const total = learned.views
      .slice(0, -1)
      .reduce((sum, { recipe }) => sum + (recipe.share ?? 1), 0);
    expect(view.recipe.share).toBeCloseTo(total / 2, 10);
    const says = await predictViews([view], data, tested, linearAlgebra);
    expect(accuracyOf(says.get("graph")!)).toBeGreaterThan(0.9);
    // What was learned without it is as it was.
    const { learned: without } = await learn(data.targets);
    expect(learned.views.slice(0, -1)).toEqual(without.views);
  });

  it("says of a node nearly what the graph says of it", async () => {
    const { learned } = await learn(data.targets, true);
    const says = await predictViews([learned.views.at(-1)!], data, unlabelled, linearAlgebra);
    const right = unlabelled.filter(
      (row, place) => indexOfLargest(rowOf(says.get("graph")!, place)) === classOf[row],
    );
    expect(right.length / UNLABELLED).toBeGreaterThan(0.9);
  });

  it("asks about a held-out row without its label", async () => {
    const { learned } = await learn(data.targets, true);
    const other = await learn(
      data.targets.map((target, row) => (row < 2 ? 1 - target : target)),
      true,
    );
    const [honest, lying] = [learned, other.learned].map(
      ({ outOfFold }) => outOfFold.at(-1)!.logProbabilities,
    );
    expect(indexOfLargest(rowOf(lying!, 0))).toBe(indexOfLargest(rowOf(honest!, 0)));
  });
});

describe("learnFromNames", () => {
  it("finds the clusters that names point to, without a label", async () => {
    const vectors = zeros32(CLASSES, WIDTH);
    // Names that point the right way, but not far.
    [rowOf(vectors, 0)[0], rowOf(vectors, 1)[0]] = [1, -1];
    for (let col = 1; col < 9; col++) rowOf(vectors, 0)[col] = 0.4;
    const names = { vectors, areDescriptions: false };
    const none = new Int32Array(0);
    const read = await readUnlabelled(data, recipes, unlabelled, none, { linearAlgebra });
    const recipe = { ...recipes[0], name: "names", classifier: "names", share: 2 } as ViewRecipe;
    const head = await learnFromNames({ ...data, names }, recipe, read, options());
    expect(head.views.map((view) => view.recipe.name)).toEqual([
      "last-student",
      "layers-mean-max-student",
      "words-student",
    ]);
    expect(head.weights).toEqual([1 / 3, 1 / 3, 1 / 3]);
    const says = poolViews(head, await predictViews(head.views, data, tested, linearAlgebra));
    expect(accuracyOf(says)).toBeGreaterThan(0.9);
  });
});

describe("a space", () => {
  it("has its axes in falling order of variance, and total variance 1", async () => {
    const source = {
      rows: UNLABELLED,
      read: (rows: Int32Array): Matrix32 => {
        const matrix = zeros32(rows.length, WIDTH);
        rows.forEach((row, place) => {
          rowOf(matrix, place).set(rowOf(data.table.matrix, LABELLED + row));
        });
        return matrix;
      },
    };
    const ones = (variances: Float64Array): Float64Array => variances.map(() => 1);
    const { space, coordinates } = await fitSpace(source, WIDTH, ones, linearAlgebra);
    const total = space.variances.reduce((sum, value) => sum + value, 0);
    expect(total).toBeCloseTo(1, 5);
    expect(space.variances[0]!).toBeGreaterThan(2 * space.variances[1]!);

    // A classifier of coordinates says the same of the features.
    const model = {
      weights: Float64Array.from({ length: CLASSES * coordinates.cols }, () => random.normal()),
      bias: Float64Array.of(0.5, -1),
    };
    const plain = await modelOfFeatures(space, model, linearAlgebra);
    const features = source.read(Int32Array.of(3));
    const [z] = [rowOf(await coordinatesOf(space, features, linearAlgebra), 0)];
    for (let k = 0; k < CLASSES; k++) {
      const of = (weights: Float64Array, x: Float32Array): number =>
        x.reduce((sum, value, i) => sum + value * weights[k * x.length + i]!, 0);
      const wanted = of(model.weights, z) + model.bias[k]!;
      expect(of(plain.weights, rowOf(features, 0)) + plain.bias[k]!).toBeCloseTo(wanted, 4);
    }
  });
});
