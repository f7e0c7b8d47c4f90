import { expect, test } from "vitest";
import { expectSameFunction, modelOf, noise, operatorsOf } from "../../test/same-function.js";
import { type AttributeInput, createNode } from "../ir/build.js";
import { tensorOf } from "../ir/tensor/tensor-data.js";
import { foldAroundWeights } from "./fold-around-weights.js";

const x = noise([2, 3]);
const node = (
  opType: string,
  inputs: string[],
  output: string,
  attributes: Record<string, AttributeInput> = {},
) => createNode(opType, inputs, [output], attributes);

test("what is computed from a weight stays, and so does a tied weight", async () => {
  const nodes = [
    node("MatMul", ["x", "embedding"], "h"),
    node("Transpose", ["embedding"], "turned", { perm: [1, 0] }),
    node("MatMul", ["h", "turned"], "y"),
  ];
  const parts = { nodes, feeds: { x }, constants: { embedding: noise([3, 5], 2) } };
  const { graph } = await expectSameFunction(parts, foldAroundWeights);
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(["MatMul", "Transpose", "MatMul"]);
  expect([...graph.initializers.keys()]).toEqual(["embedding"]);
  expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
});

test("arithmetic on sizes and on scalars is done", async () => {
  const nodes = [
    node("Sqrt", ["four"], "two"),
    node("Mul", ["x", "two"], "h"),
    node("Shape", ["h"], "shape"),
    node("Cast", ["shape"], "wide", { to: 1 }),
    node("Mul", ["wide", "factors"], "sizes"),
    node("Cast", ["sizes"], "target", { to: 7 }),
    node("Reshape", ["h", "target"], "y"),
  ];
  const constants = {
    four: tensorOf("float32", [], [4]),
    factors: tensorOf("float32", [2], [1.5, 2 / 3]),
  };
  const model = await expectSameFunction({ nodes, feeds: { x }, constants }, foldAroundWeights);
  expect(operatorsOf(model)).toEqual(["Mul", "Reshape"]);
});

test("scales of Resize are sizes, though they are floats", () => {
  const nodes = [
    node("Concat", ["ones", "twos"], "scales", { axis: 0 }),
    node("Resize", ["x", "", "scales"], "y"),
  ];
  const constants = {
    ones: tensorOf("float32", [2], [1, 1]),
    twos: tensorOf("float32", [2], [2, 2]),
  };
  const model = modelOf({ nodes, feeds: { x: noise([1, 2, 3, 4]) }, constants });
  const folded = foldAroundWeights(model);
  expect(operatorsOf(folded)).toEqual(["Resize"]);
  expect(folded.graph.outputs[0]!.type.shape).toEqual([1, 2, 6, 8]);
});

test("weights that nothing reads go", () => {
  const model = modelOf({
    nodes: [node("Relu", ["x"], "y")],
    feeds: { x },
    constants: { w: noise([3]) },
  });
  expect(foldAroundWeights(model).graph.initializers.size).toBe(0);
});
