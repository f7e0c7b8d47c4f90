import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { runModel } from "../../../test/run-model.js";
import { createGraph, createModel, createNode, valueInfo } from "../../ir/build.js";
import type { Model } from "../../ir/graph.js";
import { printGraph } from "../../ir/print.js";
import { float32ToFloat16 } from "../../ir/tensor/float16.js";
import { castBeforeGather, gatherBeforeCast } from "./gather-before-cast.js";

const table = float32ToFloat16(Float32Array.from({ length: 12 }, (_, index) => index / 8));

function embedding(extraReader: boolean): Model {
  return createModel({
    graph: createGraph({
      nodes: [
        createNode("Cast", ["table"], ["wide"], { to: 1 }),
        createNode("Gather", ["wide", "ids"], ["rows"], { axis: 0 }),
        ...(extraReader ? [createNode("Neg", ["wide"], ["other"])] : []),
      ],
      inputs: [valueInfo("ids", "int64", ["n"])],
      outputs: [
        valueInfo("rows", "float32", ["n", 3]),
        ...(extraReader ? [valueInfo("other", "float32", [4, 3])] : []),
      ],
      initializers: [["table", { dtype: "float16", dims: [4, 3], data: table }]],
    }),
  });
}

describe("gatherBeforeCast", () => {
  it("picks rows before widening them, with the same result", async () => {
    const before = embedding(false);
    const after = gatherBeforeCast(before);
    expect(after.graph.nodes.map((node) => node.opType)).toEqual(["Gather", "Cast"]);
    const feeds = { ids: new Tensor("int64", BigInt64Array.of(3n, 1n), [2]) };
    const [expected, actual] = [await runModel(before, feeds), await runModel(after, feeds)];
    expect(actual.rows?.data).toEqual(expected.rows?.data);
    expect(actual.rows?.data).toEqual(Float32Array.of(9, 10, 11, 3, 4, 5).map((x) => x / 8));
  });

  it("leaves a weight alone that is also read elsewhere", () => {
    const model = embedding(true);
    expect(printGraph(gatherBeforeCast(model).graph)).toBe(printGraph(model.graph));
  });
});

describe("castBeforeGather", () => {
  it("is the way back", async () => {
    const picked = gatherBeforeCast(embedding(false));
    const back = castBeforeGather(picked);
    expect(back.graph.nodes.map((node) => node.opType)).toEqual(["Cast", "Gather"]);
    const feeds = { ids: new Tensor("int64", BigInt64Array.of(3n, 1n), [2]) };
    const [expected, actual] = [await runModel(picked, feeds), await runModel(back, feeds)];
    expect(actual.rows?.data).toEqual(expected.rows?.data);
  });

  it("leaves rows alone that are also read elsewhere", () => {
    const { graph, ...rest } = gatherBeforeCast(embedding(false));
    const narrow = graph.nodes[0]!.outputs[0]!;
    const outputs = [...graph.outputs, valueInfo(narrow, "float16", ["n", 3])];
    const model = { ...rest, graph: { ...graph, outputs } };
    expect(castBeforeGather(model)).toBe(model);
  });
});
