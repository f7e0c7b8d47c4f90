import { describe, expect, it } from "vitest";
import type { LabelledFeatures } from "../../features/labelled-features.js";
import { rowOf } from "../../math/matrix.js";
import { plainLinearAlgebra as linearAlgebra } from "../../math/plain-linear-algebra.js";
import { indexOfLargest } from "../../math/vector.js";
import { createRandom } from "../../random/random.js";
import type { Classifier } from "../views/classifier.js";
import type { ViewRecipe } from "../views/views.js";
import { fitStack } from "./stack.js";
import {
  type FitHeadOptions,
  fitViews,
  poolViews,
  predictViews,
  refitViews,
  stackViews,
} from "./stacked-head.js";

const [ROWS, WIDTH, CLASSES] = [45, 6, 3];
const WORDS = ["tea", "rain", "walk"];
const columns = [{ tap: "layer", pooling: "mean", width: WIDTH }] as const;
const random = createRandom(5);

/** Rows whose class shows in a feature and a word, in four of five. */
const targets = Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES);
const shown = targets.map((target, row) => (row % 5 === 4 ? (target + 1) % CLASSES : target));
const data: LabelledFeatures = {
  targets,
  classes: CLASSES,
  groups: Int32Array.from(targets.keys()),
  texts: Array.from(shown, (label) => `${WORDS[label]} and more`),
  table: {
    columns,
    matrix: {
      rows: ROWS,
      cols: WIDTH,
      data: Float32Array.from({ length: ROWS * WIDTH }, (_, at) => {
        const isShown = at % WIDTH === shown[Math.floor(at / WIDTH)];
        return random.normal() + (isShown ? 4 : 0);
      }),
    },
  },
};
const rows = Int32Array.from(targets.keys()).slice(3);

const layerView = (classifier: "logistic" | "nearest-mean" | "nearest-neighbours"): ViewRecipe => {
  return { kind: "layers", name: classifier, columns, normalize: "length", classifier };
};
const recipes: readonly ViewRecipe[] = [
  layerView("logistic"),
  layerView("nearest-mean"),
  layerView("nearest-neighbours"),
  { kind: "words", name: "words" },
];
const kinds = ["logistic", "nearest-mean", "nearest-neighbours", "logistic"];

const options = (): FitHeadOptions => ({
  linearAlgebra,
  random: createRandom(7),
  classWeights: "none",
});

const cOf = (classifier: Classifier) => (classifier.kind === "logistic" ? classifier.c : undefined);

describe("views", () => {
  it("are fitted with the classifier of their recipe, and asked about every row", async () => {
    const fitted = await fitViews(data, rows, recipes, options());
    expect(fitted.views.map(({ recipe }) => recipe)).toEqual(recipes);
    expect(fitted.views.map(({ classifier }) => classifier.kind)).toEqual(kinds);
    expect(fitted.views.map(({ tfidf }) => tfidf !== undefined)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect([...fitted.targets]).toEqual([...targets.slice(3)]);
    for (const { rows: asked, logProbabilities } of fitted.outOfFold) {
      expect([...asked]).toEqual([...fitted.targets.keys()]);
      const right = fitted.targets.filter(
        (target, row) => indexOfLargest(rowOf(logProbabilities, row)) === target,
      );
      // Four of five rows show their class; who had seen the labels would have more.
      expect(right.length / rows.length).toBeGreaterThan(0.6);
      expect(right.length / rows.length).toBeLessThan(0.9);
    }
  });

  it("are stacked by name, with weights from what they say out of fold", async () => {
    const fitted = await fitViews(data, rows, recipes, options());
    const alone = stackViews(fitted, new Set(["nearest-mean"]));
    expect(alone).toEqual({ views: [fitted.views[1]], weights: [1] });
    const head = stackViews(fitted, new Set(["words", "logistic"]));
    expect(head.views).toEqual([fitted.views[0], fitted.views[3]]);
    const said = [0, 3].map((view) => fitted.outOfFold[view]!.logProbabilities);
    expect(head.weights).toEqual([...fitStack(said, fitted.targets).weights]);

    const perView = await predictViews(head.views, data, rows, linearAlgebra);
    expect([...perView.keys()]).toEqual(["logistic", "words"]);
    const pooled = poolViews(head, perView);
    const isAsShown = [...rows].map((row, at) => indexOfLargest(rowOf(pooled, at)) === shown[row]);
    expect(isAsShown.filter(Boolean).length).toBeGreaterThan(0.9 * rows.length);
  });

  it("are fitted again with the settings that were chosen", async () => {
    const fitted = await fitViews(data, rows, recipes, options());
    const again = await refitViews(data, rows, fitted.views, options());
    expect(again.map(({ recipe }) => recipe)).toEqual(recipes);
    expect(again[1]).toEqual(fitted.views[1]);
    expect(again[2]).toEqual(fitted.views[2]);
    for (const view of [0, 3]) {
      const [first, second] = [fitted.views[view]!, again[view]!];
      expect(second.tfidf).toEqual(first.tfidf);
      expect(cOf(second.classifier)).toBe(cOf(first.classifier));
    }
    const [first, second] = await Promise.all(
      [fitted.views, again].map((views) => predictViews(views, data, rows, linearAlgebra)),
    );
    for (const [name, { data: said }] of second!) {
      for (const [at, logProbability] of first!.get(name)!.data.entries()) {
        expect(Math.abs(Math.exp(said[at]!) - Math.exp(logProbability))).toBeLessThan(0.03);
      }
    }
  });

  it("are fitted again from scratch where the classifier had other classes", async () => {
    const [view] = (await fitViews(data, rows, recipes.slice(0, 1), options())).views;
    const linear = { weights: new Float64Array(2 * WIDTH), bias: new Float64Array(2) };
    const settings = { recipe: view!.recipe, classifier: { ...view!.classifier, linear } };
    const [again] = await refitViews(data, rows, [settings as never], options());
    expect(again!.classifier).toMatchObject({ kind: "logistic" });
    const perView = await predictViews([again!], data, rows, linearAlgebra);
    expect(perView.get("logistic")!.cols).toBe(CLASSES);
  });

  it("are left when the signal says so", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const stopped = { ...options(), signal };
    await expect(fitViews(data, rows, recipes, stopped)).rejects.toThrow("enough");
    const { views } = await fitViews(data, rows, recipes.slice(1, 2), options());
    await expect(refitViews(data, rows, views, stopped)).rejects.toThrow("enough");
  });
});
