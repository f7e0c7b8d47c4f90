import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { expectSameFunction, modelOf, noise } from "../../../test/same-function.js";
import { createNode } from "../../ir/build.js";
import { createTensor, tensorOf } from "../../ir/tensor/tensor-data.js";
import { dequantize } from "./dequantize.js";
import { quantize } from "./quantize.js";
import { quantizeWeights } from "./quantize-weights.js";

/** Eight bits lose half of a 127th of the largest value, here and in what is fed. */
const TOLERANCE = 0.02;

describe("quantize", () => {
  test.prop([
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    fc.nat(),
    fc.integer({ min: -30, max: 30 }),
    fc.integer({ min: 1, max: 127 }),
    fc.nat(),
  ])(
    "is undone by dequantize, within half a scale",
    (dims, pickedAxis, magnitude, largest, seed) => {
      const axis = pickedAxis % dims.length;
      const { data } = noise(dims, seed);
      const tensor = createTensor(
        "float32",
        dims,
        data.map((value) => value * 2 ** magnitude),
      );
      const { values, scales } = quantize(tensor, axis, largest);
      expect(scales.dims).toEqual([dims[axis], ...dims.slice(axis + 1).map(() => 1)]);
      const back = dequantize(values, scales, undefined, { axis, blockSize: 0 })!;
      const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
      back.data.forEach((value, index) => {
        const scale = scales.data[Math.floor(index / inner) % dims[axis]!]!;
        expect(Math.abs(value - tensor.data[index]!)).toBeLessThanOrEqual(0.5001 * scale);
      });
    },
  );

  it("keeps zeros, and uses the whole range", () => {
    const { values, scales } = quantize(tensorOf("float32", [2, 3], [0, 0, 0, -4, 2, 1]), 0, 127);
    expect([...values.data]).toEqual([0, 0, 0, -127, 64, 32]);
    expect([...scales.data]).toEqual([1, Math.fround(4 / 127)]);
  });
});

describe("quantizeWeights", () => {
  it("multiplies integers, and rounds what several products read once", async () => {
    const nodes = [
      createNode("MatMul", ["x", "w"], ["a"]),
      createNode("MatMul", ["x", "v"], ["b"]),
      createNode("MatMul", ["b", "w"], ["c"]),
      createNode("Add", ["a", "c"], ["y"]),
    ];
    const { graph } = await expectSameFunction(
      {
        nodes,
        feeds: { x: noise([2, 3, 40], 1) },
        constants: { w: noise([40, 40], 2), v: noise([40, 40], 3) },
      },
      quantizeWeights,
      TOLERANCE,
    );
    const count = (opType: string) => graph.nodes.filter((node) => node.opType === opType).length;
    expect([count("MatMul"), count("MatMulInteger"), count("DynamicQuantizeLinear")]).toEqual([
      0, 3, 2,
    ]);
    const stored = [...graph.initializers.values()].map(({ dtype, dims }) => [dtype, dims]);
    expect(stored).toEqual([
      ["int8", [40, 40]],
      ["float32", [40]],
      ["int8", [40, 40]],
      ["float32", [40]],
    ]);
  });

  it("widens only the rows that are picked from a table", async () => {
    const { graph } = await expectSameFunction(
      {
        nodes: [createNode("Gather", ["table", "rows"], ["y"])],
        feeds: { rows: tensorOf("int64", [2, 2], [0, 31, 7, -1]) },
        constants: { table: noise([32, 64]) },
      },
      quantizeWeights,
      TOLERANCE,
    );
    expect(graph.initializers.get("table_int8")?.dtype).toBe("int8");
    expect(graph.initializers.has("table")).toBe(false);
  });

  it.each([
    [
      "the kernel of a convolution",
      [createNode("Conv", ["x", "w", "bias"], ["y"], { pads: [1, 1, 1, 1] })],
      [1, 8, 5, 5],
      [16, 8, 3, 3],
      16,
    ],
    [
      "the factor of a Gemm",
      [createNode("Gemm", ["x", "w", "bias"], ["y"])],
      [3, 64],
      [64, 20],
      20,
    ],
    [
      "a transposed factor",
      [createNode("Gemm", ["x", "w", "bias"], ["y"], { transB: 1, alpha: 0.5 })],
      [3, 64],
      [20, 64],
      20,
    ],
  ])("stores %s in 8 bits", async (_, nodes, x, w, channels) => {
    const { graph } = await expectSameFunction(
      {
        nodes,
        feeds: { x: noise(x, 1) },
        constants: { w: noise(w, 2), bias: noise([channels], 3) },
      },
      quantizeWeights,
      TOLERANCE,
    );
    expect(graph.initializers.get("w_int8")).toMatchObject({ dtype: "int8", dims: w });
    expect(graph.initializers.get("w_scale")?.data).toHaveLength(channels);
    expect(graph.initializers.has("w")).toBe(false);
  });

  it.each([
    ["a small weight", [createNode("MatMul", ["x", "w"], ["y"])], [2, 8], [8, 8]],
    ["a stack of matrices", [createNode("MatMul", ["x", "w"], ["y"])], [2, 3, 32], [2, 32, 32]],
    ["a table of which columns are picked", [pickColumns()], [4], [32, 64]],
    ["a factor on the left", [createNode("MatMul", ["w", "x"], ["y"])], [32, 4], [64, 32]],
    [
      "what another operator reads",
      [createNode("Reshape", ["x", "shape"], ["r"]), createNode("Mul", ["r", "w"], ["y"])],
      [1],
      [64, 64],
    ],
  ])("leaves %s as it is", (_, nodes, x, w) => {
    const model = modelOf({
      nodes,
      feeds: { x: noise(x, 1) },
      constants: {
        w: noise(w, 2),
        shape: tensorOf("int64", [1], [1]),
        rows: tensorOf("int64", [1], [3]),
      },
    });
    const { graph } = quantizeWeights(model);
    expect(graph.nodes).toEqual(model.graph.nodes);
    expect(graph.initializers.get("w")).toBe(model.graph.initializers.get("w"));
  });
});

function pickColumns() {
  return createNode("Gather", ["w", "rows"], ["y"], { axis: 1 });
}
