import { Tensor as RuntimeTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { runModel } from "../../../test/run-model.js";
import { inferTypes } from "../../infer/infer-types.js";
import type { AttributeInput } from "../../ir/build.js";
import { createGraph, createModel, createNode, float, valueInfo } from "../../ir/build.js";
import type { Dim, Model, Node } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { scalarOf, tensorOf } from "../../ir/tensor/tensor-data.js";
import { foldConstants } from "./fold-constants.js";

type Attributes = Record<string, AttributeInput>;

const ints = (...values: number[]): Tensor => tensorOf("int64", [values.length], values);
const weight = tensorOf(
  "float32",
  [2, 2, 3, 3],
  Array.from({ length: 36 }, (_, i) => Math.sin(i)),
);

function modelOf(
  nodes: readonly Node[],
  options: { opset?: number; constants?: Record<string, Tensor>; outputs?: string[] } = {},
): Model {
  const graph = createGraph({
    inputs: [valueInfo("x", "float32", ["batch", 2, 6, 7])],
    nodes,
    outputs: (options.outputs ?? ["y"]).map((name) => valueInfo(name, "float32")),
    initializers: Object.entries({ weight, ...options.constants }),
  });
  return createModel({ graph, opset: options.opset ?? 17 });
}

const conv = (attributes: Attributes = {}) =>
  createNode("Conv", ["p", "weight"], ["y"], attributes);
const pad = (attributes: Attributes = {}) => createNode("Pad", ["x", "pads"], ["p"], attributes);
const uneven = ints(0, 0, 1, 2, 0, 0, 3, 0);

async function outputOf(model: Model): Promise<RuntimeTensor> {
  const values = Float32Array.from({ length: 168 }, (_, i) => Math.cos(i * 3));
  const { y } = await runModel(model, { x: new RuntimeTensor("float32", values, [2, 2, 6, 7]) });
  return y!;
}

/** Operators after folding; the result must not change. */
async function folded(model: Model): Promise<string[]> {
  const simple = foldConstants(model);
  const [own, reference] = [await outputOf(simple), await outputOf(model)];
  expect(own.dims).toEqual(reference.dims);
  const values = Array.from(reference.data as Float32Array);
  Array.from(own.data as Float32Array).forEach((value, i) => {
    expect(value).toBeCloseTo(values[i]!, 5);
  });
  return simple.graph.nodes.map(({ opType }) => opType);
}

describe("zero padding moves into", () => {
  const constants = { pads: uneven };

  test("a convolution, added to its own pads", async () => {
    const model = modelOf([pad(), conv({ pads: [1, 0, 0, 1], strides: [2, 2] })], { constants });
    expect(await folded(model)).toEqual(["Conv"]);
    const node = foldConstants(model).graph.nodes[0]!;
    expect(node.attributes.get("pads")).toEqual({ kind: "ints", value: [2, 2, 3, 1] });
  });

  test("a convolution without pads, or with auto_pad VALID", async () => {
    expect(await folded(modelOf([pad(), conv()], { constants }))).toEqual(["Conv"]);
    const valid = modelOf([pad(), conv({ auto_pad: "VALID" })], { constants });
    expect(await folded(valid)).toEqual(["Conv"]);
  });

  test("a convolution, from two pads in a row", async () => {
    const again = createNode("Pad", ["q", "pads"], ["p"]);
    const first = createNode("Pad", ["x", "pads"], ["q"]);
    expect(await folded(modelOf([first, again, conv()], { constants }))).toEqual(["Conv"]);
  });

  test("an average pool, which then counts it", async () => {
    const pool = createNode("AveragePool", ["p"], ["y"], { kernel_shape: [4, 4], strides: [2, 2] });
    expect(await folded(modelOf([pad(), pool], { constants }))).toEqual(["AveragePool"]);
  });

  test("a convolution, with the padding of every operator-set version", async () => {
    const attribute = createNode("Pad", ["x"], ["p"], {
      pads: [0, 0, 1, 2, 0, 0, 3, 0],
      value: float(0),
    });
    expect(await folded(modelOf([attribute, conv()], { opset: 10 }))).toEqual(["Conv"]);
    const axes = createNode("Pad", ["x", "pads", "zero", "axes"], ["p"]);
    const inputs = { pads: ints(1, 2, 3, 0), zero: scalarOf("float32", 0), axes: ints(-2, 3) };
    expect(await folded(modelOf([axes, conv()], { opset: 18, constants: inputs }))).toEqual([
      "Conv",
    ]);
  });

  test("every convolution that reads it, and stays for other readers", async () => {
    const relu = createNode("Relu", ["p"], ["z"]);
    const both = modelOf([pad(), conv(), relu], { constants, outputs: ["y", "z"] });
    const nodes = foldConstants(both).graph.nodes;
    expect(nodes.map(({ opType, inputs }) => [opType, inputs[0]])).toEqual([
      ["Pad", "x"],
      ["Conv", "x"],
      ["Relu", "p"],
    ]);
  });
});

describe("padding stays before a convolution when it", () => {
  const stays: readonly (readonly [string, Node, Record<string, Tensor>])[] = [
    ["reflects", pad({ mode: "reflect" }), { pads: uneven }],
    [
      "is not zero",
      createNode("Pad", ["x", "pads", "one"], ["p"]),
      { pads: uneven, one: scalarOf("float32", 1) },
    ],
    ["widens the batch", pad(), { pads: ints(1, 0, 0, 0, 0, 0, 0, 0) }],
    ["crops", pad(), { pads: ints(0, 0, -1, 0, 0, 0, 1, 1) }],
  ];
  test.for(stays)("%s", async ([, node, constants]) => {
    expect(await folded(modelOf([node, conv()], { constants }))).toEqual(["Pad", "Conv"]);
  });

  test("stands before a convolution that pads by itself", async () => {
    const model = modelOf([pad(), conv({ auto_pad: "SAME_UPPER" })], {
      constants: { pads: uneven },
    });
    expect(await folded(model)).toEqual(["Pad", "Conv"]);
  });
});

describe("padding stays before a pool", () => {
  const pools: readonly (readonly [string, string, Attributes])[] = [
    ["of maxima, for which 0 is a value", "MaxPool", {}],
    ["that does not count its own padding", "AveragePool", { pads: [1, 1, 1, 1] }],
    ["that rounds up", "AveragePool", { ceil_mode: 1 }],
    ["with a kernel no larger than the padding", "AveragePool", { kernel_shape: [3, 3] }],
  ];
  test.for(pools)("%s", async ([, operator, attributes]) => {
    const pool = createNode(operator, ["p"], ["y"], {
      kernel_shape: [4, 4],
      strides: [3, 3],
      ...attributes,
    });
    expect(await folded(modelOf([pad(), pool], { constants: { pads: uneven } }))).toEqual([
      "Pad",
      operator,
    ]);
  });
});

describe("the padding that PyTorch computes for TensorFlow's 'same'", () => {
  const int = (value: number) => scalarOf("int64", value);
  const sizes: readonly (readonly [Dim, Dim])[] = [
    ["batch", 6],
    [2, 6],
    ["batch", "height"],
  ];

  test.for(sizes)("batch %s, height %s", ([batch, height]) => {
    // pads = max((ceil(size / 2) - 1) * 2 + 3 - size, 0), split in two, in float as exported.
    const nodes = [
      createNode("Shape", ["x"], ["shape"]),
      createNode("Gather", ["shape", "axis"], ["size"]),
      createNode("Cast", ["size"], ["sizeFloat"], { to: 1 }),
      createNode("Div", ["sizeFloat", "two"], ["halves"]),
      createNode("Ceil", ["halves"], ["out"]),
      createNode("Cast", ["out"], ["outInt"], { to: 7 }),
      createNode("Sub", ["outInt", "one"], ["steps"]),
      createNode("Mul", ["steps", "stride"], ["span"]),
      createNode("Add", ["span", "kernel"], ["needed"]),
      createNode("Sub", ["needed", "size"], ["missing"]),
      createNode("Max", ["missing", "zero"], ["total"]),
      createNode("Div", ["total", "stride"], ["before"]),
      createNode("Sub", ["total", "before"], ["after"]),
      createNode("Unsqueeze", ["before", "zeros"], ["begin"]),
      createNode("Unsqueeze", ["after", "zeros"], ["end"]),
      createNode("Concat", ["front", "begin", "begin", "front", "end", "end"], ["pads"], {
        axis: 0,
      }),
      createNode("Pad", ["x", "pads"], ["p"]),
      conv({ strides: [2, 2] }),
    ];
    const graph = createGraph({
      inputs: [valueInfo("x", "float32", [batch, 2, height, height])],
      nodes,
      outputs: [valueInfo("y", "float32")],
      initializers: [
        ["weight", weight],
        ["axis", int(2)],
        ["one", int(1)],
        ["zero", int(0)],
        ["kernel", int(3)],
        ["stride", int(2)],
        ["two", scalarOf("float32", 2)],
        ["zeros", ints(0)],
        ["front", ints(0, 0)],
      ],
    });
    const model = createModel({ graph });
    const simple = foldConstants(model);
    if (typeof height === "number") {
      expect(simple.graph.nodes.map(({ opType }) => opType)).toEqual(["Conv"]);
      expect(simple.graph.outputs[0]!.type.shape).toEqual([batch, 2, 3, 3]);
    } else {
      expect(simple.graph.nodes.map(({ opType }) => opType)).toContain("Pad");
      expect(foldConstants(model, { dims: { height: 6 } }).graph.nodes).toHaveLength(1);
      expect(inferTypes(model).graph.outputs[0]!.type.shape).toEqual([batch, 2, null, null]);
    }
  });
});
