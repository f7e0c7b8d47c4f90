import { expect, test } from "vitest";
import { expectSameFunction, modelOf, noise, operatorsOf } from "../../test/same-function.js";
import { createNode } from "../ir/build.js";
import { scalarOf } from "../ir/tensor/tensor-data.js";
import { removeDropout } from "./remove-dropout.js";

const x = noise([2, 3]);
const constants = {
  ratio: scalarOf("float32", 0.3),
  off: scalarOf("bool", 0),
  on: scalarOf("bool", 1),
};

test.for([
  ["a ratio alone", ["x", "ratio"]],
  ["a mode that is off", ["x", "ratio", "off"]],
  ["no ratio", ["x", "", "off"]],
])("%s: nothing is dropped", async ([, inputs]) => {
  const nodes = [createNode("Dropout", inputs as string[], ["y"])];
  const model = await expectSameFunction({ nodes, feeds: { x }, constants }, removeDropout);
  expect(operatorsOf(model)).toEqual(["Identity"]);
});

test.for([
  ["training mode", ["x", "ratio", "on"], ["y"]],
  ["a mode that is fed", ["x", "ratio", "mode"], ["y"]],
  ["a mask that is read", ["x"], ["y", "mask"]],
] as const)("%s: it stays", ([, inputs, outputs]) => {
  const nodes = [createNode("Dropout", inputs, outputs)];
  const feeds = { x, mode: constants.off };
  const model = modelOf({ nodes, feeds, constants });
  expect(removeDropout(model)).toBe(model);
});
