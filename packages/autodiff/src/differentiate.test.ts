import {
  createGraph,
  createModel,
  createNode,
  decodeModel,
  encodeModel,
  float,
  type Graph,
  type Model,
  type Node,
  type Shape,
  type Tensor,
  tensorOf,
  valueInfo,
} from "@engraft/onnx";
import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import {
  type DifferentiateModelOptions,
  differentiate,
  differentiateModel,
} from "./differentiate.js";
import { AutodiffError } from "./errors.js";
import { load } from "./gradcheck/runtime.js";

/** A model of float32 inputs and weights, with a scalar output `loss`. */
function modelOf(parts: {
  readonly inputs?: Readonly<Record<string, Shape>>;
  readonly weights?: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly Node[];
  readonly output?: string;
}): Model {
  const graph = createGraph({
    inputs: Object.entries(parts.inputs ?? {}).map(([name, shape]) =>
      valueInfo(name, "float32", shape),
    ),
    initializers: Object.entries(parts.weights ?? {}),
    nodes: parts.nodes,
    outputs: [valueInfo(parts.output ?? "loss", "float32", [])],
  });
  return createModel({ graph, opset: 21, irVersion: 10 });
}

function floats(...values: number[]): Tensor {
  return tensorOf("float32", [values.length], values);
}

function sumTo(output: string, value: string): Node {
  return createNode("ReduceSum", [value], [output], { keepdims: 0 });
}

/** Runs the differentiated model; weights are fed as the model has them. */
async function run(
  model: Model,
  options: DifferentiateModelOptions,
  feeds: Readonly<Record<string, Tensor>> = {},
): Promise<Record<string, readonly number[]>> {
  const { model: result } = differentiateModel(model, options);
  const known = new Map([...model.graph.initializers, ...Object.entries(feeds)]);
  const inputs = result.graph.inputs.map(({ name }) => [name, known.get(name)!] as const);
  const results = await (await load(result)).run(new Map(inputs));
  return Object.fromEntries(Array.from(results, ([name, { data }]) => [name, data]));
}

function errorOf(model: Model, options: DifferentiateModelOptions): AutodiffError {
  try {
    differentiateModel(model, options);
  } catch (error) {
    if (error instanceof AutodiffError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const loss = "loss";

describe("gradients", () => {
  it("of a value that is read several times add up", async () => {
    // w² + 3 w, with w read three times and w² twice
    const model = modelOf({
      weights: { w: floats(2, -1), three: floats(3) },
      nodes: [
        createNode("Mul", ["w", "w"], ["square"]),
        createNode("Mul", ["w", "three"], ["line"]),
        createNode("Sum", ["square", "line", "square"], ["y"]),
        sumTo("loss", "y"),
      ],
    });
    const results = await run(model, { loss });
    expect(results["grad/w"]).toEqual([11, -1]);
    expect(results["grad/three"]).toEqual([1]);
    expect(results.loss).toEqual([13]);
  });

  it("sum over what was broadcast, where only the run tells what that is", async () => {
    const model = modelOf({
      inputs: { x: ["batch", 2], scale: ["rows", 2] },
      nodes: [createNode("Mul", ["x", "scale"], ["y"]), sumTo("loss", "y")],
    });
    const x = tensorOf("float32", [3, 2], [1, 2, 3, 4, 5, 6]);
    const wrt = ["scale", "x"];
    const one = await run(model, { loss, wrt }, { x, scale: tensorOf("float32", [1, 2], [1, 10]) });
    expect(one["grad/scale"]).toEqual([9, 12]);
    expect(one["grad/x"]).toEqual([1, 10, 1, 10, 1, 10]);
    const same = await run(model, { loss, wrt }, { x, scale: x });
    expect(same["grad/scale"]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("are zeros for what the loss does not depend on", async () => {
    const model = modelOf({
      inputs: { x: [2], unused: ["batch", 2] },
      weights: { w: floats(1, 2), idle: floats(1, 2, 3) },
      nodes: [
        createNode("Mul", ["x", "w"], ["y"]),
        createNode("Floor", ["idle"], ["steps"]),
        createNode("ReduceSum", ["steps"], ["offset"], { keepdims: 0 }),
        createNode("Add", ["y", "offset"], ["z"]),
        sumTo("loss", "z"),
      ],
    });
    const unused = tensorOf("float32", [3, 2], [1, 2, 3, 4, 5, 6]);
    const feeds = { x: floats(3, 4), unused };
    const results = await run(model, { loss, wrt: ["w", "idle", "unused"] }, feeds);
    expect(results["grad/w"]).toEqual([3, 4]);
    expect(results["grad/idle"]).toEqual([0, 0, 0]);
    expect(results["grad/unused"]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("are by a value between the nodes, and by what it is computed from", async () => {
    // e = [w[2], w[0]]; the loss is Σ scale · e + ⌊e⌋
    const model = modelOf({
      inputs: { scale: [2] },
      weights: { w: floats(1, 2, 3), picks: tensorOf("int64", [2], [2, 0]) },
      nodes: [
        createNode("Gather", ["w", "picks"], ["e"]),
        createNode("Floor", ["e"], ["steps"]),
        createNode("Mul", ["e", "scale"], ["scaled"]),
        createNode("Sum", ["scaled", "steps"], ["y"]),
        sumTo("loss", "y"),
      ],
    });
    const feeds = { scale: floats(5, 7) };
    const { model: alone } = differentiateModel(model, { loss, wrt: ["e"] });
    expect(alone.graph.nodes.filter(({ opType }) => opType === "ScatterND")).toEqual([]);
    const inner = await run(model, { loss, wrt: ["e"], keep: ["e"] }, feeds);
    expect(inner).toEqual({ loss: [15 + 7 + 4], "grad/e": [5, 7], e: [3, 1] });
    const both = await run(model, { loss, wrt: ["e", "w", "steps"] }, feeds);
    expect(both["grad/e"]).toEqual([5, 7]);
    expect(both["grad/w"]).toEqual([7, 0, 5]);
    expect(both["grad/steps"]).toEqual([1, 1]);
  });

  it("are by every weight that the loss depends on, unless asked otherwise", async () => {
    const model = modelOf({
      weights: { w: floats(1), v: floats(2), idle: floats(3) },
      nodes: [
        createNode("Mul", ["w", "v"], ["y"]),
        createNode("Neg", ["idle"], ["nothing"]),
        sumTo("loss", "y"),
      ],
    });
    const { model: all, gradients } = differentiateModel(model, { loss });
    expect([...gradients.keys()]).toEqual(["w", "v"]);
    expect(all.graph.inputs.map(({ name }) => name)).toEqual(["w", "v"]);
    const { model: some } = differentiateModel(model, { loss, wrt: ["v"] });
    expect(some.graph.outputs.map(({ name }) => name)).toEqual(["loss", "grad/v"]);
    expect(some.graph.initializers.has("w")).toBe(true);
  });

  it("can be by an input, and of a loss that is one", async () => {
    const model = modelOf({
      inputs: { x: [] },
      nodes: [createNode("Identity", ["x"], ["loss"])],
    });
    const results = await run(
      model,
      { loss: "x", wrt: ["x"] },
      { x: tensorOf("float32", [], [5]) },
    );
    expect(results).toEqual({ loss: [5], "grad/x": [1] });
  });

  it("can be of an inner value", async () => {
    const model = modelOf({
      weights: { w: floats(3, 4) },
      nodes: [
        createNode("ReduceL2", ["w"], ["norm"]),
        createNode("Neg", ["norm"], ["negative"]),
        sumTo("loss", "negative"),
      ],
    });
    const results = await run(model, { loss: "norm" });
    expect(results.loss).toEqual([5]);
    expect(results["grad/w"]?.map((x) => x.toFixed(6))).toEqual(["0.600000", "0.800000"]);
  });

  it("can be differentiated again", async () => {
    // x w³: 3 x w², then 6 x w and 3 w²
    const model = modelOf({
      inputs: { x: [] },
      weights: { w: tensorOf("float32", [], [2]), three: tensorOf("float32", [], [3]) },
      nodes: [
        createNode("Pow", ["w", "three"], ["cube"]),
        createNode("Mul", ["x", "cube"], ["loss"]),
      ],
    });
    const first = differentiateModel(model, { loss, wrt: ["w"] }).model;
    const feeds = { x: tensorOf("float32", [], [5]), w: tensorOf("float32", [], [2]) };
    const results = await run(first, { loss: "grad/w", wrt: ["w", "x"] }, feeds);
    expect(results).toEqual({ loss: [60], "grad/w": [60], "grad/x": [12] });
  });

  it("keep their names where the model uses those for other things", async () => {
    const model = modelOf({
      weights: { w: floats(2) },
      nodes: [
        createNode("Mul", ["w", "w"], ["loss"]),
        createNode("Neg", ["loss"], ["grad/w"]),
        createNode("Neg", ["grad/w"], ["gradient/Mul.1"]),
        sumTo("total", "gradient/Mul.1"),
      ],
      output: "total",
    });
    const results = await run(model, { loss: "total" });
    expect(results).toEqual({ loss: [4], "grad/w": [4] });
  });

  it("stay where a gradient flows through a Dropout that is not training", async () => {
    const model = modelOf({
      weights: { w: floats(1, 2), ratio: tensorOf("float32", [], [0.5]) },
      nodes: [createNode("Dropout", ["w", "ratio"], ["y"]), sumTo("loss", "y")],
    });
    expect((await run(model, { loss, wrt: ["w"] }))["grad/w"]).toEqual([1, 1]);
  });

  it("of a training Dropout are those of what it kept", async () => {
    const graph: Graph = createGraph({
      inputs: [valueInfo("training", "bool", [])],
      initializers: [
        ["w", tensorOf("float32", [64], new Array(64).fill(1))],
        ["ratio", tensorOf("float32", [], [0.75])],
      ],
      nodes: [
        createNode("Dropout", ["w", "ratio", "training"], ["y", "mask"], { seed: 3 }),
        sumTo("loss", "y"),
      ],
      outputs: [valueInfo("loss", "float32", []), valueInfo("y", "float32", [64])],
    });
    const model = createModel({ graph, opset: 21, irVersion: 10 });
    const options = { loss, wrt: ["w"], keep: ["y"] };
    const training = await run(model, options, { training: tensorOf("bool", [], [1]) });
    expect(new Set(training["grad/w"])).toEqual(new Set([0, 4]));
    expect(training["grad/w"]).toEqual(training.y);
    const inference = await run(model, options, { training: tensorOf("bool", [], [0]) });
    expect(inference["grad/w"]).toEqual(new Array(64).fill(1));
  });

  it("are finite where the model itself replaces the softmax of a row that is masked", async () => {
    const model = modelOf({
      weights: {
        x: tensorOf("float32", [2, 2], [0, 1, 1, 2]),
        zero: tensorOf("float32", [], [0]),
      },
      inputs: { mask: [2, 2] },
      nodes: [
        createNode("Add", ["x", "mask"], ["scores"]),
        createNode("Softmax", ["scores"], ["raw"], { axis: -1 }),
        createNode("IsNaN", ["raw"], ["isMasked"]),
        createNode("Where", ["isMasked", "zero", "raw"], ["attention"]),
        createNode("Mul", ["attention", "attention"], ["squares"]),
        sumTo("loss", "squares"),
      ],
    });
    const masked = [0, 0, -Infinity, -Infinity];
    const results = await run(
      model,
      { loss: "loss", wrt: ["x"] },
      { mask: tensorOf("float32", [2, 2], masked) },
    );
    // With s = softmax([0, 1]): d(s₀² + s₁²) / dx₁ = 2 s₀ s₁ (s₁ - s₀)
    const s = 1 / (1 + Math.E);
    const slope = 2 * s * (1 - s) * (1 - 2 * s);
    const expected = [-slope, slope, 0, 0];
    expect(results["grad/x"]?.map((value, i) => Math.abs(value - expected[i]!) < 1e-6)).toEqual(
      expected.map(() => true),
    );
  });
});

describe("what cannot be differentiated", () => {
  it("is named in one error, with node and operator", () => {
    const model = modelOf({
      weights: {
        w: tensorOf("float32", [2, 2], [1, 2, 3, 4]),
        ratio: floats(0.5),
        yes: tensorOf("bool", [], [1]),
      },
      nodes: [
        createNode("Fancy", ["w"], ["a"], {}, { name: "first", domain: "com.example" }),
        createNode("Einsum", ["w"], ["b"], { equation: "ii->i" }, { name: "second" }),
        createNode("Dropout", ["w", "ratio", "yes"], ["c"], {}, { name: "third" }),
        createNode("Scan", ["w"], ["d"], {}, { name: "fourth" }),
        createNode("Sum", ["a", "b", "c", "d"], ["y"]),
        sumTo("loss", "y"),
      ],
    });
    const error = errorOf(model, { loss });
    expect(error.code).toBe("autodiff/unsupported");
    expect(error.obstacles.map(({ operator }) => operator)).toEqual([
      ...["com.example:Fancy", "Einsum", "Dropout", "Scan"],
    ]);
    expect(error.message).toContain('- node com.example.Fancy "first": the operator is not known');
    expect(error.message).toContain(
      '- node Einsum "second": its equation "ii->i" takes a diagonal',
    );
    expect(error.message).toContain('- node Dropout "third": in training mode its mask is needed');
    expect(error.message).toContain('- node Scan "fourth": ');
  });

  it("is named without what only follows from it", () => {
    const model = modelOf({
      weights: { w: floats(1, 2) },
      nodes: [
        createNode("Fancy", ["w"], ["a"], {}, { domain: "com.example" }),
        createNode("MatMul", ["a", "w"], ["loss"]),
      ],
    });
    const error = errorOf(model, { loss });
    expect(error.obstacles.map(({ operator }) => operator)).toEqual(["com.example:Fancy"]);
  });

  it("is a node between values of unknown types, where nothing else is wrong", () => {
    const model = modelOf({
      inputs: { x: [2] },
      weights: { w: floats(1, 2) },
      nodes: [
        createNode("Fancy", ["x"], ["a"], {}, { domain: "com.example" }),
        createNode("MatMul", ["a", "w"], ["loss"]),
      ],
    });
    expect(errorOf(model, { loss }).message).toContain('the rank of "a" is not known');
  });

  it("does not matter off the way from the weights to the loss", () => {
    const model = modelOf({
      inputs: { x: [2] },
      weights: { w: floats(1, 2) },
      nodes: [
        createNode("Fancy", ["x"], ["a"], {}, { domain: "com.example" }),
        createNode("Fancy", ["w"], ["b"], {}, { domain: "com.example" }),
        createNode("Mul", ["x", "w"], ["y"]),
        sumTo("loss", "y"),
      ],
    });
    expect([...differentiateModel(model, { loss }).gradients.keys()]).toEqual(["w"]);
  });

  it("includes rounding to integers and back", () => {
    const model = modelOf({
      weights: { w: floats(1, 2), scale: tensorOf("float32", [], [0.5]) },
      nodes: [
        createNode("QuantizeLinear", ["w", "scale"], ["q"], {}, { name: "round" }),
        createNode("DequantizeLinear", ["q", "scale"], ["y"]),
        sumTo("loss", "y"),
      ],
    });
    const error = errorOf(model, { loss, wrt: ["w"] });
    expect(error.obstacles.map(({ node }) => node)).toEqual(['node QuantizeLinear "round"']);
  });
});

describe("requests that do not fit the model", () => {
  const model = modelOf({
    inputs: { ids: [2] },
    weights: { "layer.weight": floats(1, 2), index: tensorOf("int64", [1], [0]) },
    nodes: [createNode("Mul", ["ids", "layer.weight"], ["y"]), sumTo("loss", "y")],
  });

  it.each([
    ["a loss that is not one number", { loss: "y" }, /must be one .* and "y" is float32\[2\]/],
    ["a loss that is not there", { loss: "los" }, /no value "los".* Did you mean loss\?/],
    ["a weight that is not there", { loss, wrt: ["layer.weigt"] }, /Did you mean layer.weight\?/],
    ["a weight of integers", { loss, wrt: ["index"] }, /"index" holds int64 values/],
  ])("%s", (_, options, message) => {
    const error = errorOf(model, options);
    expect(error.code).toBe("autodiff/invalid-request");
    expect(error.message).toMatch(message);
    expect(error.obstacles).toEqual([]);
  });
});

describe("the order of the nodes", () => {
  /** A product with each weight and an activation, layer by layer. */
  function positionsOf(weights: readonly string[]): (name: string) => number {
    const matrix = tensorOf("float32", [4, 4], new Array(16).fill(0.1));
    const model = modelOf({
      inputs: { h0: ["batch", 4] },
      weights: Object.fromEntries(weights.map((weight) => [weight, matrix])),
      nodes: [
        ...weights.flatMap((weight, i) => [
          createNode("MatMul", [`h${i}`, weight], [`z${i + 1}`]),
          createNode("LeakyRelu", [`z${i + 1}`], [`h${i + 1}`], { alpha: float(0.5) }),
        ]),
        sumTo("loss", `h${weights.length}`),
      ],
    });
    const { nodes } = differentiateModel(model, { loss }).model.graph;
    return (name) => nodes.findLastIndex((node) => [...node.outputs, node.opType].includes(name));
  }

  it("is the chain down, then the weights from the first layer to the last", () => {
    const position = positionsOf(["a", "b", "c"]);
    expect(position("MatMul")).toBeLessThan(position("grad/a"));
    expect(position("grad/a")).toBeLessThan(position("grad/b"));
    expect(position("grad/b")).toBeLessThan(position("grad/c"));
  });

  it("has a weight of several layers with the last of them", () => {
    const position = positionsOf(["tied", "between", "tied"]);
    expect(position("grad/between")).toBeLessThan(position("grad/tied"));
  });
});

describe("differentiate", () => {
  it("takes the bytes of an older model and gives those of a plain one", async () => {
    const graph = createGraph({
      inputs: [valueInfo("x", "float32", ["batch", 2])],
      initializers: [["dense.weight", tensorOf("float32", [2, 1], [1, 2])]],
      nodes: [
        createNode("Constant", [], ["half"], { value: tensorOf("float32", [], [0.5]) }),
        createNode("MatMul", ["x", "dense.weight"], ["logits"]),
        createNode("Mul", ["logits", "half"], ["scaled"]),
        createNode("ReduceMean", ["scaled"], ["mean"], { axes: [0, 1], keepdims: 0 }),
      ],
      outputs: [valueInfo("logits", "float32", ["batch", 1])],
    });
    const bytes = differentiate(encodeModel(createModel({ graph, opset: 13 })), { loss: "mean" });
    const { graph: result } = decodeModel(bytes);
    expect(result.inputs.map(({ name }) => name)).toEqual(["x", "dense.weight"]);
    expect(result.outputs.map(({ name }) => name)).toEqual(["loss", "grad/dense.weight"]);
    const session = await InferenceSession.create(bytes);
    const results = await session.run({
      x: new RuntimeTensor("float32", [1, 2, 3, 4], [2, 2]),
      "dense.weight": new RuntimeTensor("float32", [1, 2], [2, 1]),
    });
    expect(Array.from(results.loss!.data as Float32Array)).toEqual([4]);
    expect(Array.from(results["grad/dense.weight"]!.data as Float32Array)).toEqual([1, 1.5]);
  });
});
