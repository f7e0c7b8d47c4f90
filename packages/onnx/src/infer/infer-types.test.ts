import { describe, expect, test } from "vitest";
import { modelOf, typeOf } from "../../test/infer-model.js";
import { ints } from "../../test/single-node.js";
import { OnnxError } from "../errors.js";
import { createGraph, createNode, valueInfo } from "../ir/build.js";
import type { Dim, Graph, Model, Node, ValueInfo } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { scalarOf } from "../ir/tensor/tensor-data.js";
import { inferTypes } from "./infer-types.js";
import { findRule, ruleFamilies } from "./registry.js";

const hidden = valueInfo("x", "float32", ["batch", "length", 384]);

describe("named sizes", () => {
  const broadcasts: readonly (readonly [Dim, Dim, string])[] = [
    ["batch", 1, "batch"],
    ["batch", "batch", "batch"],
    ["batch", 8, "8"],
    ["batch", "length", "?"],
    [null, 1, "?"],
    [null, 8, "8"],
    [null, "batch", "?"],
    ["batch", 0, "0"],
  ];
  test.for(broadcasts)("%s broadcast with %s is %s", ([a, b, expected]) => {
    const model = modelOf({
      inputs: [valueInfo("a", "float32", [a]), valueInfo("b", "float32", [b])],
      nodes: [createNode("Add", ["a", "b"], ["y"]), createNode("Add", ["b", "a"], ["z"])],
    });
    expect(typeOf(model, "y")).toBe(`float32[${expected}]`);
    expect(typeOf(model, "z")).toBe(`float32[${expected}]`);
  });

  test("a reshape by a shape of known length has that rank", () => {
    const model = modelOf({
      inputs: [hidden, valueInfo("target", "int64", [3])],
      nodes: [createNode("Reshape", ["x", "target"], ["y"])],
    });
    expect(typeOf(model, "y")).toBe("float32[?, ?, ?]");
  });

  test("binding replaces names in inputs, inner values and outputs, also inside products", () => {
    const base = modelOf({ inputs: [hidden], nodes: [createNode("Relu", ["x"], ["y"])] });
    const model = {
      ...base,
      graph: {
        ...base.graph,
        nodes: [...base.graph.nodes, createNode("Unheard", ["y"], ["z"])],
        outputs: [valueInfo("y", "float32"), valueInfo("z", "float32", ["2*batch", "other"])],
      },
    };
    const { inputs, outputs } = inferTypes(model, { dims: { batch: 4 } }).graph;
    expect(inputs[0]!.type.shape).toEqual([4, "length", 384]);
    expect(outputs[0]!.type.shape).toEqual([4, "length", 384]);
    expect(outputs[1]!.type.shape).toEqual([8, "other"]);
  });

  test("a binding that no input has is refused with the nearest name", () => {
    const model = modelOf({ inputs: [hidden], nodes: [] });
    expect(() => inferTypes(model, { dims: { batchs: 4 } })).toThrow(/"batchs".*"batch"/);
  });
});

describe("what is declared", () => {
  const base = modelOf({ inputs: [hidden], nodes: [createNode("Unheard", ["x"], ["y"])] });
  const declare = (graph: Partial<Graph>): Model => ({
    ...base,
    graph: { ...base.graph, ...graph },
  });

  test("an operator without a rule gives no type, and no error", () => {
    expect(typeOf(base, "y")).toBe("unknown");
    expect(typeOf(declare({ nodes: [createNode("constructor", ["x"], ["y"])] }), "y")).toBe(
      "unknown",
    );
  });

  test("fills what cannot be inferred", () => {
    const valueTypes = new Map([["y", { dtype: "float32", shape: ["batch", 7] } as const]]);
    expect(typeOf(declare({ valueTypes }), "y")).toBe("float32[batch, 7]");
  });

  test("gives way to what is inferred, for it goes stale", () => {
    const valueTypes = new Map([["y", { dtype: "float32", shape: [1, 9, 384] } as const]]);
    const nodes = [createNode("Relu", ["x"], ["y"])];
    expect(typeOf(declare({ nodes, valueTypes }), "y")).toBe("float32[batch, length, 384]");
  });

  test("must have the element type that the node makes", () => {
    const valueTypes = new Map([["y", { dtype: "int64", shape: undefined } as const]]);
    const nodes = [createNode("Relu", ["x"], ["y"])];
    expect(() => inferTypes(declare({ nodes, valueTypes }))).toThrow(/"y" as int64.*float32/);
  });
});

describe("operator-set versions", () => {
  const x = valueInfo("x", "float32", [2, 1, 3]);
  test("the newest rule not above the model's version is used", () => {
    const gelu = (opset: number) =>
      typeOf(modelOf({ inputs: [x], nodes: [createNode("Gelu", ["x"], ["y"])], opset }), "y");
    expect(gelu(19)).toBe("unknown");
    expect(gelu(20)).toBe("float32[2, 1, 3]");
    expect(gelu(23)).toBe("float32[2, 1, 3]");
  });

  test("axes are read from where the version keeps them", () => {
    const model = (opset: number) =>
      modelOf({
        inputs: [x],
        nodes: [createNode("ReduceMax", ["x", "axes"], ["y"], { axes: [0], keepdims: 0 })],
        constants: { axes: ints(2) },
        opset,
      });
    expect(typeOf(model(17), "y")).toBe("float32[1, 3]");
    expect(typeOf(model(18), "y")).toBe("float32[2, 1]");
  });
});

describe("contradictions", () => {
  const f = (name: string, ...shape: Dim[]) => valueInfo(name, "float32", shape);
  const cases: readonly (readonly [string, Node, readonly ValueInfo[], RegExp])[] = [
    [
      "inner sizes",
      createNode("MatMul", ["a", "b"], ["y"]),
      [f("a", 2, 3), f("b", 4, 5)],
      /3 of the left.*4 of the right/,
    ],
    [
      "broadcast",
      createNode("Add", ["a", "b"], ["y"]),
      [f("a", 2, 3), f("b", 2)],
      /broadcast.*\[2, 3\] and \[2\]/,
    ],
    [
      "element types",
      createNode("Add", ["a", "b"], ["y"]),
      [f("a", 2), valueInfo("b", "int64", [2])],
      /float32.*input 1 of int64/,
    ],
    [
      "channels",
      createNode("Conv", ["a", "b"], ["y"]),
      [f("a", 1, 4, 8, 8), f("b", 8, 3, 3, 3)],
      /3 input channels.*received 4/,
    ],
    [
      "rank",
      createNode("Conv", ["a", "b"], ["y"]),
      [f("a", 1, 4), f("b", 8, 3, 3, 3)],
      /input 0 of rank 3 or more.*\[1, 4\]/,
    ],
    [
      "concat",
      createNode("Concat", ["a", "b"], ["y"], { axis: 1 }),
      [f("a", 2, 3), f("b", 4, 3)],
      /agree outside axis 1/,
    ],
    [
      "axis",
      createNode("Softmax", ["a"], ["y"], { axis: 2 }),
      [f("a", 2, 3)],
      /an axis in \[-2, 1\].*2/,
    ],
    [
      "permutation",
      createNode("Transpose", ["a"], ["y"], { perm: [0, 0] }),
      [f("a", 2, 3)],
      /permutation of 2 axes.*0, 0/,
    ],
    [
      "scale",
      createNode("BatchNormalization", ["a", "b", "b", "b", "b"], ["y"]),
      [f("a", 1, 4, 2, 2), f("b", 3)],
      /shape \[4\].*\[3\]/,
    ],
    [
      "labels",
      createNode("SoftmaxCrossEntropyLoss", ["a", "b"], ["y"]),
      [f("a", 8, 3), valueInfo("b", "int64", [7])],
      /\[8\].*\[7\]/,
    ],
    [
      "equation",
      createNode("Einsum", ["a", "b"], ["y"], { equation: "ij,jk->ik" }),
      [f("a", 2, 3), f("b", 4, 5)],
      /one size for "j"/,
    ],
  ];
  test.for(cases)("%s", ([, node, inputs, message]) => {
    const named = { ...node, name: "the/node" };
    const attempt = () => inferTypes(modelOf({ inputs, nodes: [named] }));
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(new RegExp(`${node.opType} "the/node"`));
    expect(attempt).toThrow(
      expect.objectContaining({ code: "onnx/invalid-graph", subject: "the/node" }),
    );
  });

  test("a reshape to another number of elements", () => {
    const reshape = (...target: number[]) =>
      modelOf({
        inputs: [f("x", 2, 6)],
        nodes: [createNode("Reshape", ["x", "target"], ["y"])],
        constants: { target: ints(...target) },
      });
    expect(() => inferTypes(reshape(5, 2))).toThrow(OnnxError);
    expect(() => inferTypes(reshape(5, -1))).toThrow(/as many elements as \[2, 6\]|for as many/);
    expect(() => inferTypes(reshape(-1, -1))).toThrow(/at most one -1/);
    expect(typeOf(reshape(3, -1), "y")).toBe("float32[3, 4]");
  });
});

describe("If", () => {
  const branch = (name: string, node: Node): Graph =>
    createGraph({ name, nodes: [node], outputs: [valueInfo(node.outputs[0]!, "float32")] });
  const conditional = (condition: Tensor | undefined) =>
    modelOf({
      inputs: [valueInfo("x", "float32", ["batch", 1, 4]), valueInfo("fed", "bool", [])],
      nodes: [
        createNode("If", [condition === undefined ? "fed" : "fixed"], ["y"], {
          then_branch: branch("squeezed", createNode("Squeeze", ["x", "axis"], ["a"])),
          else_branch: branch("same", createNode("Relu", ["x"], ["b"])),
        }),
      ],
      constants: { axis: ints(1), ...(condition && { fixed: condition }) },
    });

  test("a constant condition gives the type of its branch", () => {
    expect(typeOf(conditional(scalarOf("bool", 1)), "y")).toBe("float32[batch, 4]");
    expect(typeOf(conditional(scalarOf("bool", 0)), "y")).toBe("float32[batch, 1, 4]");
  });

  test("an open condition gives what both branches agree on", () => {
    expect(typeOf(conditional(undefined), "y")).toBe("float32[?..]");
  });

  test("types of a branch's values are filled in", () => {
    const node = inferTypes(conditional(undefined)).graph.nodes[0]!;
    const then = node.attributes.get("then_branch");
    expect(then?.kind === "graph" && then.value.outputs[0]!.type).toEqual({
      dtype: "float32",
      shape: ["batch", 4],
    });
  });
});

describe("the registry", () => {
  /** Section 1.1 of the survey of exported models: on the differentiable path, and only off it. */
  const surveyed =
    `Identity Add Conv Mul ReduceMean Gemm Div Transpose Sub Reshape MatMul Flatten Sqrt Pow
    Softmax GlobalAveragePool Erf Relu Concat Gather Split Sigmoid Slice Expand MaxPool
    BatchNormalization Pad Squeeze AveragePool Unsqueeze Clip HardSigmoid Cast InstanceNormalization
    Dropout Where ReduceL2 HardSwish Tanh Tile ReduceSum Neg LayerNormalization GatherElements Resize
    DepthToSpace LeakyRelu Constant Shape ConstantOfShape Equal Range Less Mod Not CumSum Abs Log
    ScatterND Min Greater Ceil And Sin Cos Sign LessOrEqual Xor If`.split(/\s+/);

  test("has every operator that the survey found", () => {
    expect(surveyed).toHaveLength(69);
    expect(surveyed.filter((operator) => findRule("", operator, 17) === undefined)).toEqual([]);
  });

  test("has every operator that a head graph needs", () => {
    const head = [
      "TopK",
      "ArgMax",
      "OneHot",
      "ReduceMax",
      "LpNormalization",
      "LogSoftmax",
      "Einsum",
    ];
    expect(head.filter((operator) => findRule("", operator, 17) === undefined)).toEqual([]);
  });

  test("names an operator once in each domain", () => {
    for (const families of ruleFamilies.values()) {
      const operators = families.flatMap((family) => Object.keys(family));
      expect(operators).toHaveLength(new Set(operators).size);
    }
  });
});
