import { expect, test } from "vitest";
import type { BaseSpec, Tap } from "../../bases/spec.js";
import { columnsOf, leftOutViews, viewRecipes } from "./views.js";

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
