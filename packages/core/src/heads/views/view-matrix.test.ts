import { expect, it } from "vitest";
import { createRandom } from "../../random/random.js";
import { prepareView } from "./view-matrix.js";
import type { LayerView } from "./views.js";

const random = createRandom(3);
const [ROWS, WIDTH, CLASSES] = [12, 4, 3];
const columns = [{ tap: "layer", pooling: "mean", width: WIDTH }] as const;
const table = {
  columns,
  // The last feature does not vary.
  matrix: {
    rows: ROWS,
    cols: WIDTH,
    data: Float32Array.from({ length: ROWS * WIDTH }, (_, at) =>
      at % WIDTH === WIDTH - 1 ? 5 : 2 + random.normal(),
    ),
  },
};
const rows = Int32Array.from({ length: ROWS }, (_, row) => row);
const draw = (length: number) => Float64Array.from({ length }, () => random.normal());

it.each(["length", "standard"] as const)(
  "a model of a view of rows scaled by %s goes to plain features and back",
  (normalize) => {
    const recipe: LayerView = {
      kind: "layers",
      name: "v",
      columns,
      normalize,
      classifier: "logistic",
    };
    const view = prepareView(recipe, { table, texts: undefined }, rows);
    const model = { weights: draw(CLASSES * WIDTH), bias: draw(CLASSES) };
    const back = view.fromPlain(view.toPlain(model), undefined);
    model.weights.forEach((weight, at) => {
      expect(back.weights[at]).toBeCloseTo(weight, 6);
    });
    model.bias.forEach((bias, at) => {
      expect(back.bias[at]).toBeCloseTo(bias, 6);
    });
  },
);

it("a model of words keeps the weights of those that other texts have too", () => {
  const texts = ["tea rain", "rain walk", "walk money"];
  const data = { table, texts };
  const recipe = { kind: "words", name: "words" } as const;
  const old = prepareView(recipe, data, Int32Array.of(0, 1)).tfidf!;
  const view = prepareView(recipe, data, Int32Array.of(1, 2));
  expect([...old.terms.keys()]).toEqual(["rain", "tea", "walk"]);
  expect([...view.tfidf!.terms.keys()]).toEqual(["money", "rain", "walk"]);
  const model = { weights: Float64Array.of(1, 2, 3, 4, 5, 6), bias: Float64Array.of(7, 8) };
  expect(view.fromPlain(model, old)).toEqual({
    weights: Float64Array.of(0, 1, 3, 0, 4, 6),
    bias: model.bias,
  });
});
