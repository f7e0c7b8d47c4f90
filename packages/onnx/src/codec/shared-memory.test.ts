import { describe, expect, it } from "vitest";
import { createGraph, createModel, createNode, valueInfo } from "../ir/build.js";
import type { Model } from "../ir/graph.js";
import { tensorOf } from "../ir/tensor/tensor-data.js";
import { decodeModel } from "./decode-model.js";
import { encodeModel, encodeWithSharedWeights } from "./encode.js";

const SIZE = 32;

function modelOf(weights: readonly [string, Float32Array][]): Model {
  const values = ["x", ...weights.map(([name]) => `${name}.out`)];
  const graph = createGraph({
    inputs: [valueInfo("x", "float32", ["batch", SIZE])],
    nodes: weights.map(([name], at) =>
      createNode("MatMul", [values[at]!, name], [values[at + 1]!]),
    ),
    outputs: [valueInfo(values.at(-1)!, "float32", ["batch", SIZE])],
    initializers: weights.map(([name, data]) => [
      name,
      { dtype: "float32", dims: [SIZE, SIZE], data },
    ]),
  });
  return createModel({ graph });
}

const values = Array.from({ length: SIZE * SIZE }, (_, at) => Math.fround(Math.sin(at)));

/** The values at some place in memory that threads share. */
function shared(place: number): Float32Array {
  const memory = new Float32Array(new SharedArrayBuffer(4 * (place + values.length)));
  memory.set(values, place);
  return memory.subarray(place);
}

describe("a model with weights in shared memory", () => {
  it("is written without them, and read with them", () => {
    const [a, b] = [shared(3), shared(0)];
    const own = Float32Array.from(values).reverse();
    const model = modelOf([
      ["a", a],
      ["own", own],
      ["b", b],
    ]);
    const { bytes, shared: memory } = encodeWithSharedWeights(model);
    expect([...memory.values()].map(({ buffer }) => buffer)).toEqual([a.buffer, b.buffer]);
    expect(bytes.length).toBeLessThan(2 * own.byteLength);
    const read = decodeModel(bytes, { externalData: (location) => memory.get(location)! });
    expect(read).toEqual(model);
    const again = read.graph.initializers.get("a")!.data as Float32Array;
    expect(again.buffer).toBe(a.buffer);
  });

  it("is a whole file where it is to be stored", () => {
    const bytes = encodeModel(modelOf([["a", shared(3)]]));
    expect(bytes).toEqual(encodeModel(modelOf([["a", Float32Array.from(values)]])));
  });

  it("has small ones written into it", () => {
    const bias = new Float32Array(new SharedArrayBuffer(4 * SIZE)).fill(2);
    const graph = createGraph({
      inputs: [valueInfo("x", "float32", [SIZE])],
      nodes: [createNode("Add", ["x", "bias"], ["y"])],
      outputs: [valueInfo("y", "float32", [SIZE])],
      initializers: [["bias", { dtype: "float32", dims: [SIZE], data: bias }]],
    });
    const { bytes, shared: memory } = encodeWithSharedWeights(createModel({ graph }));
    expect(memory.size).toBe(0);
    const expected = tensorOf("float32", [SIZE], new Array<number>(SIZE).fill(2));
    expect(decodeModel(bytes).graph.initializers.get("bias")).toEqual(expected);
  });
});
