import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { runModel } from "../../../test/run-model.js";
import { createGraph, createModel, createNode, valueInfo } from "../../ir/build.js";
import type { Graph } from "../../ir/graph.js";
import { printGraph } from "../../ir/print.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import { verify } from "../../verify/verify.js";
import { append } from "./append.js";

const base = createModel({
  graph: createGraph({
    name: "base",
    inputs: [valueInfo("x", "float32", ["batch", 2])],
    nodes: [createNode("Add", ["x", "w"], ["h"]), createNode("Neg", ["h"], ["y"])],
    outputs: [valueInfo("y", "float32", ["batch", 2])],
    initializers: [["w", tensorOf("float32", [2], [1, 2])]],
  }),
});
/** A head that uses the base's names for other things. */
const head: Graph = createGraph({
  name: "head",
  inputs: [valueInfo("x", "float32", ["n", 2])],
  nodes: [
    createNode("Mul", ["x", "w"], ["h"]),
    createNode("ReduceSum", ["h", "axes"], ["y"], { keepdims: 0 }),
  ],
  outputs: [valueInfo("y", "float32", ["n"])],
  initializers: [
    ["w", tensorOf("float32", [], [10])],
    ["axes", tensorOf("int64", [1], [1])],
  ],
});
const x = new Tensor("float32", [1, 2, 3, 4], [2, 2]);

describe("append", () => {
  it("puts a graph on top, with names made unique and sizes bound", async () => {
    const joined = append(base, head, { x: "y" });
    verify(joined);
    expect(printGraph(joined.graph)).toMatchInlineSnapshot(`
      "graph base(x: float32[batch, 2]) -> (y_1: float32[batch])
        w: float32[2] = [1, 2]
        w_1: float32[] = [10]
        axes: int64[1] = [1]
        h = Add(x, w)
        y = Neg(h)
        h_1 = Mul(y, w_1)
        y_1 = ReduceSum(h_1, axes) {keepdims: 0}"
    `);
    expect(joined.graph.valueTypes.get("y")).toEqual(base.graph.outputs[0]?.type);
    const outputs = await runModel(joined, { x });
    expect(Object.values(outputs).map(({ data }) => data)).toEqual([Float32Array.of(-60, -100)]);
  });

  it("reads an inner value and keeps the model's outputs where asked to", async () => {
    const joined = append(base, head, { x: "h" }, { outputs: "keep" });
    verify(joined);
    const outputs = await runModel(joined, { x });
    expect(Object.keys(outputs)).toEqual(["y", "y_1"]);
    expect(outputs.y?.data).toEqual(Float32Array.of(-2, -4, -4, -6));
    expect(outputs.y_1?.data).toEqual(Float32Array.of(60, 100));
  });

  it("makes unconnected inputs inputs of the result", () => {
    const joined = append(base, head, {});
    verify(joined);
    expect(joined.graph.inputs.map(({ name }) => name)).toEqual(["x", "x_1"]);
  });

  it("renames inside subgraphs too", async () => {
    const branch = createGraph({
      nodes: [createNode("Mul", ["x", "w"], ["h"])],
      outputs: [valueInfo("h", "float32", ["n", 2])],
    });
    const fragment = createGraph({
      inputs: [valueInfo("x", "float32", ["n", 2])],
      nodes: [createNode("If", ["flag"], ["out"], { then_branch: branch, else_branch: branch })],
      outputs: [valueInfo("out", "float32", ["n", 2])],
      initializers: [
        ["w", tensorOf("float32", [], [10])],
        ["flag", tensorOf("bool", [], [1])],
      ],
    });
    const joined = append(base, fragment, { x: "h" });
    verify(joined);
    const { out } = await runModel(joined, { x });
    expect(out?.data).toEqual(Float32Array.of(20, 40, 40, 60));
  });

  it("adds the operator sets that only the fragment uses", () => {
    const gelu = createGraph({
      inputs: [valueInfo("a", "float32", ["n", 2])],
      nodes: [createNode("Gelu", ["a"], ["b"], {}, { domain: "com.microsoft" })],
      outputs: [valueInfo("b", "float32", ["n", 2])],
    });
    const fragment = createModel({ graph: gelu, opset: 11, opsets: [["com.microsoft", 1]] });
    expect(append(base, fragment, { a: "y" }).opsets).toEqual(
      new Map([
        ["", 17],
        ["com.microsoft", 1],
      ]),
    );
  });

  it("refuses different versions of an operator set that both use", () => {
    expect(() => append(base, createModel({ graph: head, opset: 11 }), { x: "y" })).toThrow(
      'The model uses operator set 17 of domain "", and what is appended uses 11.',
    );
  });

  it.each([
    [{ X: "y" }, 'There is no fragment input "X". Did you mean "x"?'],
    [{ x: "yy" }, 'There is no model value "yy". Did you mean'],
    [{ x: "constructor" }, 'There is no model value "constructor".'],
  ])("refuses the connection %j", (connections, message) => {
    expect(() => append(base, head, connections as Record<string, string>)).toThrow(message);
  });

  it.each([
    ["another element type", valueInfo("x", "float16", ["n", 2])],
    ["another rank", valueInfo("x", "float32", ["n"])],
    ["another size", valueInfo("x", "float32", ["n", 3])],
  ])("refuses a value of %s", (_case, input) => {
    expect(() => append(base, { ...head, inputs: [input] }, { x: "y" })).toThrow(
      /"y" is float32\[batch, 2\] and cannot feed the input "x", which is/,
    );
  });
});
