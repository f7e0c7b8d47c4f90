import { expect, it } from "vitest";
import { modelOf } from "../../../test/same-function.js";
import { createNode } from "../../ir/build.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import { castWeights } from "./cast-weights.js";
import { dequantizeWeights } from "./dequantize-weights.js";

it("casts only what loses nothing where it is to be exact", () => {
  const halves = tensorOf(
    "float32",
    [256],
    Array.from({ length: 256 }, (_, n) => n / 8 - 16),
  );
  const thirds = tensorOf(
    "float32",
    [256],
    Array.from({ length: 256 }, (_, n) => n / 3),
  );
  const model = modelOf({
    nodes: [createNode("Add", ["halves", "thirds"], ["y"])],
    constants: { halves, thirds },
  });
  const { initializers } = castWeights(model, "float16", { exact: true }).graph;
  expect(Array.from(initializers, ([name, { dtype }]) => [name, dtype])).toEqual([
    ["halves_float16", "float16"],
    ["thirds", "float32"],
  ]);
  const back = dequantizeWeights(castWeights(model, "float16", { exact: true }));
  expect(back.graph.initializers.get("halves")).toEqual(halves);
});
