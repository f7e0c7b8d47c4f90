import { expect, test } from "vitest";
import type { BaseSpec, Tap } from "../../bases/spec.js";
import { COLOR_HISTOGRAM } from "../../features/columns.js";
import { embeddingColumns, embeddingsOf } from "./embeddings.js";
import { baselineRecipe, columnsOf, leftOutViews, viewRecipes } from "./views.js";

/** A base of blocks that can be read, and at the end `features`. */
function baseOf(modality: BaseSpec["modality"], kind: Tap["kind"], blocks: number): BaseSpec {
  const names = [...Array.from({ length: blocks }, (_, place) => `block.${place}`), "features"];
  const taps = names.map((name): Tap => ({ name, value: name, kind, width: 4 }));
  return { modality, taps } as unknown as BaseSpec;
}

function namesOf(spec: BaseSpec): string[] {
  return viewRecipes(spec, "auto").map(({ name }) => name);
}

const image = ["last", "last-standard", "blocks", "block-late", "block-middle"];
const text = ["last", "middle", "layers-mean", "layers-mean-max", "words"];

test.for([
  ["image", "map", 0, ["last", "last-standard"], ["blocks", "block-late", "block-middle"]],
  ["image", "map", 1, ["last", "last-standard", "blocks"], ["block-late", "block-middle"]],
  ["image", "map", 2, ["last", "last-standard", "blocks", "block-late"], ["block-middle"]],
  ["image", "map", 5, image, []],
  ["image", "vector", 12, image, []],
  ["text", "tokens", 0, ["last", "layers-mean", "layers-mean-max", "words"], ["middle"]],
  ["text", "vector", 0, ["last", "layers-mean", "words"], ["middle", "layers-mean-max"]],
  ["text", "tokens", 6, text, []],
] as const)("%s base, taps of kind %s, %i blocks", ([modality, kind, blocks, views, leftOut]) => {
  const spec = baseOf(modality, kind, blocks);
  expect(namesOf(spec)).toEqual(views);
  expect(leftOutViews(spec, "auto")).toEqual(leftOut);
  expect(leftOutViews(spec, "last")).toEqual([]);
  // Every view that is left reads something.
  for (const recipe of viewRecipes(spec, "auto")) {
    if (recipe.kind === "layers") expect(columnsOf(spec, [recipe])).not.toEqual([]);
  }
});

test("the yardstick reads words of texts, colours of images", () => {
  expect(baselineRecipe(baseOf("text", "tokens", 2))).toEqual({ kind: "words", name: "words" });
  expect(baselineRecipe(baseOf("image", "map", 2))).toEqual({
    kind: "layers",
    name: "colours",
    columns: [COLOR_HISTOGRAM],
    normalize: "standard",
    classifier: "logistic",
  });
});

test("embeddings are the last layer of each row, at unit length", () => {
  const spec = baseOf("text", "tokens", 1);
  const last = embeddingColumns(spec);
  expect(last).toMatchObject([{ tap: "features", pooling: "mean" }]);
  const other = { tap: "block.0", pooling: "mean", width: 4 } as const;
  const matrix = { rows: 3, cols: 8, data: Float32Array.from({ length: 24 }, (_, at) => at) };
  const { rows, cols, data } = embeddingsOf({ columns: [other, ...last], matrix }, spec, 2);
  expect([rows, cols]).toEqual([2, 4]);
  for (const row of [0, 1]) {
    const values = matrix.data.subarray(8 * row + 4, 8 * row + 8);
    const length = Math.hypot(...values);
    for (const [at, value] of values.entries()) {
      expect(data[4 * row + at]).toBeCloseTo(value / length, 6);
    }
  }
});
