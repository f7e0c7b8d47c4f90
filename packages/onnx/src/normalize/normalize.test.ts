import { describe, expect, test } from "vitest";
import { expectSameFunction, modelOf, noise, operatorsOf } from "../../test/same-function.js";
import { encodeModel } from "../codec/encode.js";
import { inferTypes } from "../infer/infer-types.js";
import { createNode, float } from "../ir/build.js";
import type { Node } from "../ir/graph.js";
import { printGraph } from "../ir/print.js";
import { fromFloat32 } from "../ir/tensor/convert.js";
import { dataTypeCodes } from "../ir/tensor/data-type-codes.js";
import { scalarOf, tensorOf } from "../ir/tensor/tensor-data.js";
import { normalize } from "./normalize.js";

const ints = (...values: number[]) => tensorOf("int64", [values.length], values);
const number = (value: number) => scalarOf("float32", value);

/** A block of a transformer as PyTorch wrote it for operator set 11, with a weight in half precision. */
const nodes: readonly Node[] = [
  createNode("Cast", ["w_stored"], ["w"], { to: dataTypeCodes.float32 }),
  createNode("Identity", ["zeros"], ["norm.bias"]),
  createNode("MatMul", ["x", "w"], ["p"]),
  createNode("Add", ["p", "zeros"], ["h"]),
  createNode("Dropout", ["h"], ["hd"], { ratio: 0.1 }),
  createNode("ReduceMean", ["hd"], ["mean"], { axes: [-1] }),
  createNode("Sub", ["hd", "mean"], ["d"]),
  createNode("Pow", ["d", "two"], ["d2"]),
  createNode("ReduceMean", ["d2"], ["var"], { axes: [-1] }),
  createNode("Constant", [], ["eps"], { value: number(1e-5) }),
  createNode("Add", ["var", "eps"], ["shifted"]),
  createNode("Sqrt", ["shifted"], ["sd"]),
  createNode("Div", ["d", "sd"], ["normal"]),
  createNode("Mul", ["normal", "norm.weight"], ["scaled"]),
  createNode("Add", ["scaled", "norm.bias"], ["n"]),
  createNode("Div", ["n", "root"], ["q"]),
  createNode("Erf", ["q"], ["e"]),
  createNode("Add", ["e", "one"], ["e1"]),
  createNode("Mul", ["n", "e1"], ["ne"]),
  createNode("Mul", ["ne", "half"], ["g"]),
  createNode("Shape", ["g"], ["shape"]),
  createNode("Gather", ["shape", "zero"], ["batch"]),
  createNode("Unsqueeze", ["batch"], ["rows"], { axes: [0] }),
  createNode("Concat", ["rows", "rest"], ["target"], { axis: 0 }),
  createNode("Reshape", ["g", "target"], ["r"]),
  createNode("Softmax", ["r"], ["y"], { axis: 1 }),
];

const block = {
  opset: 11,
  nodes,
  feeds: { x: noise([2, 3, 4]) },
  shapes: { x: ["batch", 3, 4] },
  constants: {
    ...{
      w_stored: fromFloat32(noise([4, 6], 2), "float16"),
      zeros: tensorOf("float32", [6], new Array(6).fill(0)),
    },
    ...{ "norm.weight": noise([6], 3), two: number(2), root: number(Math.SQRT2), one: number(1) },
    ...{ half: number(0.5), zero: scalarOf("int64", 0), rest: ints(6, 3) },
  },
};

describe("normalize", () => {
  test("brings an old export to the working form", async () => {
    const model = await expectSameFunction(block, normalize);
    expect(operatorsOf(model)).toEqual([
      ...["MatMul", "Add", "LayerNormalization", "Gelu"],
      ...["Reshape", "Flatten", "Softmax", "Reshape"],
    ]);
    expect([model.opsets.get(""), model.irVersion]).toEqual([21, 10]);
    const weights = ["w_stored", "zeros", "norm.weight", "norm.bias"];
    expect([...model.graph.initializers.keys()]).toEqual(expect.arrayContaining(weights));
    expect(model.graph.outputs[0]!.type.shape).toEqual(["batch", 6, 3]);
  });

  test("unrolls and pads where sizes become known", async () => {
    const sized = {
      nodes: [
        createNode("Conv", ["x", "k"], ["c"], { auto_pad: "SAME_LOWER", strides: [2] }),
        createNode("Transpose", ["c"], ["t"], { perm: [2, 0, 1] }),
        createNode("GRU", ["t", "w", "r"], ["", "y"], { hidden_size: 2 }),
      ],
      feeds: { x: noise([2, 3, 8]) },
      constants: { k: noise([3, 3, 3], 2), w: noise([1, 6, 3], 3), r: noise([1, 6, 2], 4) },
      shapes: { x: ["batch", 3, "length"] },
    };
    const bound = await expectSameFunction(sized, (model) =>
      normalize(inferTypes(model, { dims: { length: 8 } })),
    );
    expect(operatorsOf(bound)).not.toContain("GRU");
    expect(bound.graph.nodes[0]!.attributes.get("pads")?.value).toEqual([1, 0]);
    expect(operatorsOf(normalize(modelOf(sized)))).toContain("GRU");
  });

  test("expands what holds quantised weights", async () => {
    const quantized = {
      nodes: [
        createNode("DequantizeLinear", ["q", "s"], ["w"], {}, { domain: "com.microsoft" }),
        createNode(
          "FusedMatMul",
          ["x", "w"],
          ["y"],
          { alpha: float(2) },
          { domain: "com.microsoft" },
        ),
      ],
      feeds: { x: noise([2, 3]) },
      constants: { q: tensorOf("int8", [3, 2], [1, -2, 3, -4, 5, -6]), s: number(0.1) },
    };
    const model = await expectSameFunction(quantized, normalize);
    expect(operatorsOf(model)).toEqual(["MatMul", "Mul"]);
    expect(model.graph.initializers.get("w")!.dtype).toBe("float32");
  });

  test.for([11, 13, 17, 21, 23])("changes nothing the second time, operator set %i", (opset) => {
    const withAxes = nodes.filter(({ attributes }) => opset < 13 || !attributes.has("axes"));
    const needed = opset < 13 ? nodes : withAxes.slice(0, 4);
    const outputs = opset < 13 ? ["y"] : ["h"];
    const once = normalize(modelOf({ ...block, opset, nodes: needed, outputs }));
    const twice = normalize(once);
    expect(printGraph(twice.graph)).toBe(printGraph(once.graph));
    expect(encodeModel(twice)).toEqual(encodeModel(once));
    expect(once.opsets.get("")).toBe(Math.max(opset, 21));
  });

  test.for([4, 27])("refuses operator set %i", (opset) => {
    expect(() => normalize(modelOf({ ...block, opset }))).toThrow(
      expect.objectContaining({
        code: "onnx/unsupported",
        message: expect.stringContaining(`ONNX operator set ${opset}; Engraft knows 5 to 26`),
      }),
    );
  });
});
