import { fc, test } from "@fast-check/vitest";
import { Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { runModel } from "../../../test/run-model.js";
import { createGraph, createModel, createNode, valueInfo } from "../../ir/build.js";
import type { Model } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import { verify } from "../../verify/verify.js";
import { dequantizeWeights } from "./dequantize-weights.js";
import { storeInt8 } from "./store-int8.js";
import { widenInt8 } from "./widen-int8.js";

/** Values between -1 and 1 that differ from row to row in size. */
function values(dims: readonly number[], seed: number): Tensor<"float32"> {
  const count = dims.reduce((a, b) => a * b, 1);
  const data = Array.from(
    { length: count },
    (_, i) => Math.sin((i + 1) * (seed + 0.37)) * (1 + (i % 7)) * 0.1,
  );
  return tensorOf("float32", dims, data) as Tensor<"float32">;
}

/** A table of 48 rows, a product, a `Gemm` and a convolution, with a small bias that stays as it is. */
function exampleModel(seed: number): Model {
  return createModel({
    opset: 17,
    irVersion: 8,
    graph: createGraph({
      nodes: [
        createNode("Gather", ["table", "ids"], ["rows"]),
        createNode("MatMul", ["rows", "factor"], ["product"]),
        createNode("Add", ["product", "bias"], ["sum"]),
        createNode("Gemm", ["sum", "gemm"], ["scores"], { transB: 1 }),
        createNode("Reshape", ["scores", "shape"], ["map"]),
        createNode("Conv", ["map", "kernel"], ["y"], { pads: [1, 1, 1, 1] }),
      ],
      inputs: [valueInfo("ids", "int64", [2])],
      outputs: [valueInfo("y", "float32")],
      initializers: [
        ["table", values([48, 32], seed)],
        ["factor", values([32, 40], seed + 1)],
        ["bias", values([40], seed + 2)],
        ["gemm", values([64, 40], seed + 3)],
        ["shape", tensorOf("int64", [4], [2, 4, 4, 4])],
        ["kernel", values([40, 4, 3, 3], seed + 4)],
      ],
    }),
  });
}

const ids = { ids: new OrtTensor("int64", [3n, 41n], [2]) };
const bytesOf = ({ graph }: Model): number =>
  [...graph.initializers.values()].reduce(
    (sum, { data }) => sum + (ArrayBuffer.isView(data) ? data.byteLength : 0),
    0,
  );

describe("storeInt8", () => {
  test.prop([fc.integer({ min: 0, max: 50 })], { numRuns: 10 })(
    "says nearly the same in a quarter of the space",
    async (seed) => {
      const model = exampleModel(seed);
      const stored = storeInt8(model);
      verify(stored);
      expect(bytesOf(stored)).toBeLessThan(0.32 * bytesOf(model));
      const [wanted, found] = await Promise.all([runModel(model, ids), runModel(stored, ids)]);
      const largest = Math.max(...Array.from(wanted.y!.data as Float32Array, Math.abs));
      (wanted.y!.data as Float32Array).forEach((value, index) => {
        expect(Math.abs(Number(found.y!.data[index]) - value)).toBeLessThan(0.03 * largest);
      });
    },
  );

  it("keeps the names of weights, each within half a scale of what it was", () => {
    const model = exampleModel(1);
    const back = dequantizeWeights(storeInt8(model)).graph.initializers;
    for (const name of ["table", "factor", "gemm", "kernel"]) {
      const [before, after] = [model.graph.initializers, back].map(
        (weights) => weights.get(name)!.data as Float32Array,
      );
      const largest = Math.max(...Array.from(before!, Math.abs));
      before!.forEach((value, index) => {
        expect(Math.abs(after![index]! - value)).toBeLessThanOrEqual(largest / 127 / 2 + 1e-7);
      });
    }
    expect(back.get("bias")).toEqual(model.graph.initializers.get("bias"));
  });

  it("leaves a weight alone that is read along two axes, or is an output", () => {
    const model = exampleModel(2);
    const { graph } = model;
    const twice = {
      ...model,
      graph: {
        ...graph,
        nodes: [...graph.nodes, createNode("MatMul", ["table", "factor"], ["z"])],
        outputs: [...graph.outputs, valueInfo("z", "float32"), valueInfo("gemm", "float32")],
      },
    };
    const stored = storeInt8(twice).graph.initializers;
    expect([...stored.keys()].filter((name) => name.endsWith("_int8"))).toEqual([
      "factor_int8",
      "kernel_int8",
    ]);
  });
});

describe("widenInt8", () => {
  it("says the same to the last bit, without an operator that is repeated in each run", async () => {
    const stored = storeInt8(exampleModel(3));
    const widened = widenInt8(stored);
    verify(widened);
    const types = widened.graph.nodes.map(({ opType }) => opType);
    expect(types).not.toContain("DequantizeLinear");
    // The table: its rows are picked before they are widened.
    expect(types.filter((type) => type === "Gather")).toHaveLength(2);
    const [wanted, found] = await Promise.all([runModel(stored, ids), runModel(widened, ids)]);
    expect(found.y!.data).toEqual(wanted.y!.data);
  });

  it("leaves other models as they are", () => {
    const model = exampleModel(4);
    expect(widenInt8(model)).toBe(model);
  });
});
