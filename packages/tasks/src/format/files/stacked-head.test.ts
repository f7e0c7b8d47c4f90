import { createRandom, feedsOf, ortRuntime, type Random } from "@engraft/core";
import type { Classifier, ClassifierKind, GraphPart, LayerView } from "@engraft/core/internal";
import {
  allColumns,
  columnsOf,
  createTable,
  type FeatureColumn,
  type FittedView,
  fitTfidf,
  HEAD,
  linearModelsOf,
  meanCosineRows,
  normalizeLength,
  plainLinearAlgebra,
  poolViews,
  predictViews,
  type StackedHead,
  selectFeatures,
  sessionModel,
  stackedHeadModel,
  toDouble,
  totalWidth,
  transformTfidf,
  usedViews,
  type ViewRecipe,
  viewRecipes,
} from "@engraft/core/internal";
import { encodeModel } from "@engraft/onnx/graph";
import { fc, test } from "@fast-check/vitest";
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { imageBase, textBase } from "../../../../core/test/tiny-bases.js";
import { readHead } from "./read-head.js";

const CLASSES = 3;
const ROWS = 5;
const texts = ["free money win", "tea and rain", "a walk in the rain", "nothing of it", "tea tea"];
const tfidf = fitTfidf(texts.slice(0, 3));

function drawClassifier(kind: ClassifierKind | "graph", width: number, random: Random): Classifier {
  const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
  /** Rows of unit length. */
  const directions = (rows: number) => {
    const matrix = { rows, cols: width, data: Float32Array.from(draw(rows * width)) };
    normalizeLength(matrix);
    return matrix;
  };
  switch (kind) {
    case "logistic":
      return { kind, linear: { weights: draw(CLASSES * width), bias: draw(CLASSES) }, c: 1 };
    case "nearest-mean": {
      const classMeans = toDouble(directions(CLASSES));
      return { kind, model: { mean: draw(width), classMeans, temperature: 0.2 } };
    }
    case "nearest-neighbours": {
      const targets = Int32Array.from({ length: 8 }, () => random.integer(CLASSES));
      const k = 1 + random.integer(10);
      return {
        kind,
        model: { examples: directions(8), targets, classes: CLASSES, k, bandwidth: 0.07 },
      };
    }
    case "graph": {
      const axes = (cols: number) => ({ rows: 3, cols, data: Float32Array.from(draw(3 * cols)) });
      const half = Math.floor(width / 2);
      const parts: GraphPart[] = [
        { ranges: [{ start: 0, width }], isUnit: false, axes: axes(width), origin: draw(3) },
        { ranges: [{ start: half, width: half }], isUnit: true, axes: axes(half), origin: draw(3) },
      ];
      const coordinates = { rows: 15, cols: 3, data: Float32Array.from(draw(45)) };
      const mass = {
        rows: 15,
        cols: CLASSES,
        data: Float32Array.from(draw(15 * CLASSES), Math.abs),
      };
      const nodes = meanCosineRows([coordinates, coordinates]);
      return { kind, model: { parts, nodes, mass, neighbours: 12, floor: 0.02, factor: 1.7 } };
    }
  }
}

function drawView(recipe: ViewRecipe, random: Random): FittedView {
  if (recipe.kind === "words") {
    return { recipe, tfidf, classifier: drawClassifier("logistic", tfidf.idf.length, random) };
  }
  // A view on names is one of nearest means.
  const kind = recipe.classifier === "names" ? "nearest-mean" : recipe.classifier;
  const classifier = drawClassifier(kind, totalWidth(recipe.columns), random);
  return { recipe, tfidf: undefined, classifier };
}

function drawHead(recipes: readonly ViewRecipe[], weights: number[], random: Random): StackedHead {
  return { views: recipes.map((recipe) => drawView(recipe, random)), weights };
}

/** What the head says in TypeScript, and what its ONNX model says. */
async function bothWays(head: StackedHead, all: readonly FeatureColumn[], random: Random) {
  const table = createTable(all, ROWS);
  table.matrix.data.forEach((_, at) => {
    table.matrix.data[at] = random.normal();
  });
  const rows = Int32Array.from({ length: ROWS }, (_, row) => row);
  const perView = await predictViews(head.views, { table, texts }, rows, plainLinearAlgebra);
  const inTypeScript = poolViews(head, perView).data;

  const read = usedViews(head).flatMap(({ view: { recipe } }) =>
    recipe.kind === "layers" ? recipe.columns : [],
  );
  const columns = all.filter((column) =>
    read.some(({ tap, pooling }) => tap === column.tap && pooling === column.pooling),
  );
  const written = encodeModel(stackedHeadModel(head, columns, CLASSES));
  const usesWords = usedViews(head).some(({ view }) => view.tfidf !== undefined);
  const manifest = { columns, labels: ["a", "b", "c"] };
  const session = await ortRuntime(ort).createSession(
    sessionModel(readHead(written, manifest, usesWords ? tfidf : undefined)),
  );
  const { rowOffsets, columns: terms, values } = transformTfidf(tfidf, texts);
  const words = new Float32Array(ROWS * tfidf.idf.length);
  for (let row = 0; row < ROWS; row++) {
    for (let entry = rowOffsets[row]!; entry < rowOffsets[row + 1]!; entry++) {
      words[row * tfidf.idf.length + terms[entry]!] = values[entry]!;
    }
  }
  const features = selectFeatures(table, columns, rows);
  const inputs = feedsOf({
    [HEAD.features]: { dtype: "float32", dims: [ROWS, features.cols], data: features.data },
    [HEAD.words]: { dtype: "float32", dims: [ROWS, tfidf.idf.length], data: words },
  });
  const feeds = session.inputNames.map((name) => [name, inputs.get(name)!] as const);
  const outputs = await session.run(new Map(feeds));
  await session.release();
  return { inTypeScript, inOnnx: outputs.get(HEAD.output)!, inputs: session.inputNames };
}

const weight = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 2, noNaN: true }));
const fiveWeights = fc.array(weight, { minLength: 5, maxLength: 5 });

for (const base of [textBase, imageBase]) {
  const { spec } = base;
  test.prop([fiveWeights, fc.nat()], { numRuns: 20 })(
    `head.onnx of ${spec.id} says what the head in TypeScript says`,
    async (weights, seed) => {
      const random = createRandom(seed);
      const head = drawHead(viewRecipes(spec, "auto"), weights, random);
      const { inTypeScript, inOnnx } = await bothWays(head, allColumns(spec), random);
      expect(inOnnx.dims).toEqual([ROWS, CLASSES]);
      for (const [at, value] of [...(inOnnx.data as Float32Array)].entries()) {
        expect(Math.abs(value - inTypeScript[at]!)).toBeLessThan(1e-4);
      }
    },
  );
}

test.prop([fc.constantFrom("nearest-mean", "nearest-neighbours"), fc.nat()], { numRuns: 30 })(
  "so does that of a classifier by distance",
  async (kind, seed) => {
    const random = createRandom(seed);
    const head = drawHead(viewRecipes(imageBase.spec, "auto", kind), [1], random);
    const { inTypeScript, inOnnx } = await bothWays(head, allColumns(imageBase.spec), random);
    for (const [at, value] of [...(inOnnx.data as Float32Array)].entries()) {
      expect(Math.abs(value - inTypeScript[at]!)).toBeLessThan(1e-4);
    }
  },
);

test.prop([fc.nat(), fc.boolean()], { numRuns: 20 })(
  "so does that of a view on a graph, alone or beside others",
  async (seed, isAlone) => {
    const random = createRandom(seed);
    const { spec } = textBase;
    const recipes = viewRecipes(spec, "auto");
    const { columns } = recipes.find(({ name }) => name === "layers-mean") as LayerView;
    const graph = { kind: "layers", name: "graph", columns, normalize: "standard" } as const;
    const view = drawView({ ...graph, classifier: "graph" }, random);
    const others = isAlone ? [] : recipes.map((recipe) => drawView(recipe, random));
    const head = { views: [...others, view], weights: [...others.map(() => 0.2), 0.9] };
    const { inTypeScript, inOnnx } = await bothWays(head, allColumns(spec), random);
    for (const [at, value] of [...(inOnnx.data as Float32Array)].entries()) {
      expect(Math.abs(value - inTypeScript[at]!)).toBeLessThan(1e-4);
    }
    const models = linearModelsOf(stackedHeadModel(head, allColumns(spec), CLASSES));
    expect(models.map((model) => model !== undefined)).toEqual([...others.map(() => true), false]);
  },
);

/** The views of the text base of the tests: a middle of its two layers would repeat the last. */
const VIEWS = ["last", "layers-mean", "layers-mean-max", "words"];

it("reads no more than the views with weight need", async () => {
  const random = createRandom(1);
  const recipes = viewRecipes(textBase.spec, "auto");
  expect(recipes.map(({ name }) => name)).toEqual(VIEWS);
  const wordsOnly = drawHead(recipes, [0, 0, 0, 1], random);
  expect((await bothWays(wordsOnly, allColumns(textBase.spec), random)).inputs).toEqual([
    HEAD.words,
  ]);
  expect(columnsOf(textBase.spec, [recipes[3]!])).toEqual([]);
  const layersOnly = drawHead(recipes, [1, 0, 0, 0], random);
  expect((await bothWays(layersOnly, allColumns(textBase.spec), random)).inputs).toEqual([
    HEAD.features,
  ]);
});

it("finds all labels equally likely where no view has weight", async () => {
  const random = createRandom(3);
  const head = drawHead(viewRecipes(textBase.spec, "auto"), [0, 0, 0, 0], random);
  const { inOnnx } = await bothWays(head, allColumns(textBase.spec), random);
  for (const value of inOnnx.data as Float32Array) expect(value).toBeCloseTo(-Math.log(CLASSES), 5);
});

it("gives finite probabilities for features that are all zero", async () => {
  const random = createRandom(2);
  const head = drawHead(viewRecipes(imageBase.spec, "last"), [1], random);
  const columns = columnsOf(
    imageBase.spec,
    head.views.map(({ recipe }) => recipe),
  );
  const session = await ortRuntime(ort).createSession(
    sessionModel(stackedHeadModel(head, columns, CLASSES)),
  );
  const width = totalWidth(columns);
  const feeds = feedsOf({
    [HEAD.features]: { dtype: "float32", dims: [1, width], data: new Float32Array(width) },
  });
  const outputs = await session.run(feeds);
  const probabilities = [...(outputs.get(HEAD.output)!.data as Float32Array)].map(Math.exp);
  expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  await session.release();
});

it("the classifiers of a logistic head are read back from it, those without weight left out", () => {
  const { spec } = textBase;
  const random = createRandom(6);
  const views = viewRecipes(spec, "auto").map((recipe) => drawView(recipe, random));
  const weights = views.map((_, index) => Number(index !== 1));
  const used = views.filter((_, index) => index !== 1);
  const columns = columnsOf(
    spec,
    used.map(({ recipe }) => recipe),
  );
  const models = linearModelsOf(stackedHeadModel({ views, weights }, columns, CLASSES));
  expect(models).toHaveLength(used.length);
  for (const [index, { classifier }] of used.entries()) {
    if (classifier.kind !== "logistic") throw new Error("drawn as logistic");
    const { weights: expected, bias } = classifier.linear;
    expect(Float32Array.from(models[index]!.weights)).toEqual(Float32Array.from(expected));
    expect(Float32Array.from(models[index]!.bias)).toEqual(Float32Array.from(bias));
  }
});
