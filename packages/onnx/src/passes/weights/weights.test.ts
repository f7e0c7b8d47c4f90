import { describe, expect, it } from "vitest";
import { runModel } from "../../../test/run-model.js";
import { createGraph, createModel, createNode, valueInfo } from "../../ir/build.js";
import type { Model, Node } from "../../ir/graph.js";
import type { DataType, Tensor } from "../../ir/tensor/tensor.js";
import { createTensor, elementCount, tensorOf } from "../../ir/tensor/tensor-data.js";
import { verify } from "../../verify/verify.js";
import { castWeights } from "./cast-weights.js";
import { dequantizeWeights } from "./dequantize-weights.js";

/** A model whose output is a stored weight that its nodes decode. */
function storedWeight(
  nodes: readonly Node[],
  initializers: Record<string, Tensor>,
  dtype: DataType = "float32",
): Model {
  return createModel({
    opset: 21,
    irVersion: 10,
    graph: createGraph({
      nodes: [...nodes, createNode("Identity", ["w"], ["y"])],
      outputs: [valueInfo("y", dtype)],
      initializers: Object.entries(initializers),
    }),
  });
}

/** Values that cover the range of a code, repeated. */
function codes(dims: readonly number[], low: number, high: number): number[] {
  return Array.from({ length: elementCount(dims) }, (_, i) => low + ((i * 7) % (high - low + 1)));
}

const dequantizeNode = (attributes: Record<string, number> = {}): Node =>
  createNode("DequantizeLinear", ["q", "scale", "zero"], ["w"], attributes);

const int8 = tensorOf("int8", [3, 4], codes([3, 4], -128, 127));
const int4 = tensorOf("int4", [2, 6], codes([2, 6], -8, 7));
const uint4 = tensorOf("uint4", [3, 5], codes([3, 5], 0, 15));

describe("dequantizeWeights", () => {
  it.each<[string, Node[], Record<string, Tensor>]>([
    [
      "one scale for the tensor",
      [dequantizeNode()],
      { q: int8, scale: tensorOf("float32", [], [0.1]), zero: tensorOf("int8", [], [-3]) },
    ],
    [
      "no zero point",
      [createNode("DequantizeLinear", ["q", "scale"], ["w"])],
      { q: int8, scale: tensorOf("float32", [], [0.3]) },
    ],
    [
      "a scale per row",
      [dequantizeNode({ axis: 0 })],
      {
        q: int8,
        scale: tensorOf("float32", [3], [0.1, 0.2, 0.7]),
        zero: tensorOf("int8", [3], [0, 1, -1]),
      },
    ],
    [
      "a scale per column, counted from the end",
      [dequantizeNode({ axis: -1 })],
      {
        q: int8,
        scale: tensorOf("float32", [4], [0.1, 0.2, 0.7, 3]),
        zero: tensorOf("int8", [4], [0, 1, -1, 5]),
      },
    ],
    [
      "blocks of 4-bit codes along the last axis",
      [dequantizeNode({ axis: 1, block_size: 2 })],
      {
        q: int4,
        scale: tensorOf("float32", [2, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
        zero: tensorOf("int4", [2, 3], [0, 1, 2, -1, -2, -3]),
      },
    ],
    [
      "blocks of unsigned 4-bit codes along the first axis, the last one short",
      [dequantizeNode({ axis: 0, block_size: 2 })],
      {
        q: uint4,
        scale: tensorOf("float32", [2, 5], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]),
        zero: tensorOf("uint4", [2, 5], codes([2, 5], 0, 15)),
      },
    ],
    [
      "32-bit codes, as quantized biases have",
      [createNode("DequantizeLinear", ["q", "scale"], ["w"])],
      { q: tensorOf("int32", [2], [-70000, 5]), scale: tensorOf("float32", [], [1e-3]) },
    ],
    [
      "float16 scales",
      [
        createNode("DequantizeLinear", ["q", "scale", "zero"], ["h"], { axis: 0 }),
        createNode("Cast", ["h"], ["w"], { to: 1 }),
      ],
      {
        q: int8,
        scale: tensorOf("float16", [3], [0.1, 0.2, 0.7]),
        zero: tensorOf("int8", [3], [0, 1, -1]),
      },
    ],
    [
      "float16 values",
      [createNode("Cast", ["q"], ["w"], { to: 1 })],
      { q: tensorOf("float16", [4], [0.1, -65504, 1e-7, 0]) },
    ],
    [
      "bfloat16 values",
      [createNode("Cast", ["q"], ["w"], { to: 1 })],
      { q: tensorOf("bfloat16", [3], [0.1, -1e30, 1e-40]) },
    ],
    [
      "float16 values in a Constant node",
      [
        createNode("Constant", [], ["q"], { value: tensorOf("float16", [2], [0.1, -3]) }),
        createNode("Cast", ["q"], ["w"], { to: 1 }),
      ],
      {},
    ],
  ])("decodes %s exactly as ONNX Runtime does", async (_case, nodes, initializers) => {
    const model = storedWeight(nodes, initializers);
    const expected = (await runModel(model)).y;
    const decoded = dequantizeWeights(model);
    verify(decoded);
    expect(decoded.graph.nodes.map(({ opType }) => opType)).toEqual(["Identity"]);
    expect([...decoded.graph.initializers.keys()]).toEqual(["w"]);
    expect(decoded.graph.initializers.get("w")?.data).toEqual(expected?.data);
    expect(decoded.graph.initializers.get("w")?.dims).toEqual(expected?.dims);
  });

  it("leaves nodes alone whose data is not constant, and what they need", () => {
    const model = createModel({
      graph: createGraph({
        inputs: [valueInfo("x", "uint8", [2]), valueInfo("half", "float16", [2])],
        nodes: [
          createNode("DequantizeLinear", ["x", "scale"], ["a"]),
          createNode("Cast", ["half"], ["b"], { to: 1 }),
          createNode("Cast", ["scale"], ["c"], { to: 7 }),
        ],
        outputs: ["a", "b"]
          .map((name) => valueInfo(name, "float32", [2]))
          .concat(valueInfo("c", "int64", [])),
        initializers: [["scale", tensorOf("float32", [], [0.5])]],
      }),
    });
    expect(dequantizeWeights(model)).toEqual(model);
  });
});

describe("castWeights", () => {
  const weight = createTensor(
    "float32",
    [16, 20],
    Float32Array.from({ length: 320 }, (_, i) => (i - 160) / 1024),
  );
  const model = storedWeight([], { w: weight });

  it.each(["float16", "bfloat16"] as const)(
    "stores %s weights that ONNX Runtime reads",
    async (dtype) => {
      const stored = castWeights(model, dtype);
      verify(stored);
      expect([...stored.graph.initializers]).toMatchObject([
        [`w_${dtype}`, { dtype, dims: [16, 20] }],
      ]);
      expect((await runModel(stored)).y?.data).toEqual(weight.data);
    },
  );

  it("is undone by dequantizeWeights, but for the rounding", () => {
    expect(dequantizeWeights(castWeights(model, "float16"))).toEqual(model);
  });

  it("leaves small, integer and too large weights as they are", () => {
    const large = Float32Array.from(weight.data);
    large[7] = -65520;
    const others = storedWeight([], {
      w: createTensor("float32", [320], large),
      epsilon: tensorOf("float32", [], [1e-12]),
      indices: tensorOf("int64", [300], new Array<number>(300).fill(1)),
    });
    expect(castWeights(others, "float16")).toEqual(others);
  });
});
