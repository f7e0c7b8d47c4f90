import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { runModel } from "../../test/run-model.js";
import {
  type AttributeInput,
  createGraph,
  createModel,
  createNode,
  float,
  valueInfo,
} from "../ir/build.js";
import { createTensor, tensorOf } from "../ir/tensor/tensor-data.js";
import { encodeModel } from "./encode.js";

describe("encodeModel", () => {
  it("writes what ONNX Runtime computes", async () => {
    const double = createGraph({
      nodes: [createNode("Add", ["h", "h"], ["doubled"])],
      outputs: [valueInfo("doubled", "float32")],
    });
    const same = createGraph({
      nodes: [createNode("Identity", ["h"], ["unchanged"])],
      outputs: [valueInfo("unchanged", "float32")],
    });
    const model = createModel({
      graph: createGraph({
        inputs: [valueInfo("x", "float32", ["batch", 2]), valueInfo("flag", "bool", [])],
        nodes: [
          createNode("Cast", ["w"], ["w32"], { to: 1 }),
          createNode("Gemm", ["x", "w32"], ["h"], { alpha: float(1), transB: 1 }),
          createNode("If", ["flag"], ["y"], { then_branch: double, else_branch: same }),
        ],
        outputs: [valueInfo("y", "float32", ["batch", 1])],
        initializers: [["w", tensorOf("float16", [1, 2], [0.5, -2])]],
      }),
    });
    const x = new Tensor("float32", [2, 1, 4, 3], [2, 2]);
    const flag = new Tensor("bool", [true], []);
    const { y } = await runModel(model, { x, flag });
    expect(y?.data).toEqual(Float32Array.of(-2, -8));
    expect(y?.dims).toEqual([2, 1]);
  });

  it("writes empty and string tensors that ONNX Runtime reads", async () => {
    const model = createModel({
      graph: createGraph({
        nodes: [createNode("Identity", ["none"], ["a"]), createNode("Identity", ["words"], ["b"])],
        outputs: [valueInfo("a", "float32", [0]), valueInfo("b", "string", [2])],
        initializers: [
          ["none", tensorOf("float32", [0], [])],
          ["words", createTensor("string", [2], ["", "Größe"])],
        ],
      }),
    });
    const { a, b } = await runModel(model);
    expect(a?.dims).toEqual([0]);
    expect(b?.data).toEqual(["", "Größe"]);
  });

  it("refuses what does not fit the format", () => {
    const withAttribute = (value: AttributeInput): (() => unknown) => {
      const node = createNode("Op", [], ["y"], { value });
      return () => encodeModel(createModel({ graph: createGraph({ nodes: [node], outputs: [] }) }));
    };
    expect(withAttribute(float(1e39))).toThrow(
      expect.objectContaining({ code: "onnx/invalid-graph" }),
    );
    expect(withAttribute(2 ** 60)).toThrow(expect.objectContaining({ code: "onnx/invalid-graph" }));
  });

  it("refuses a file beyond 2 GB before it allocates it", () => {
    const weight = createTensor("float32", [2 ** 24], new Float32Array(2 ** 24));
    const initializers = Array.from({ length: 33 }, (_, i) => [`w${i}`, weight] as const);
    const model = createModel({ graph: createGraph({ nodes: [], outputs: [], initializers }) });
    expect(() => encodeModel(model)).toThrow(/larger than 2 GB/);
  });
});
