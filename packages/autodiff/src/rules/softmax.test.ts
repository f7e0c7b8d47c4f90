import {
  createGraph,
  createModel,
  createNode,
  elementCount,
  type Model,
  type Node,
  tensorOf,
} from "@engraft/onnx";
import { describe, expect, test } from "vitest";
import { differentiateModel } from "../differentiate.js";
import { expectClose, type Gradients } from "../gradcheck/numbers.js";
import { randomFrom } from "../gradcheck/random.js";
import { load } from "../gradcheck/runtime.js";

const [SCORES, VALUES] = [
  [2, 3, 4, 5],
  [2, 3, 5, 6],
];

const average = createNode("MatMul", ["y", "v"], ["o"]);

/** The same average, in which the weights stand on the right. */
const turned = [
  createNode("Transpose", ["y"], ["yT"], { perm: [0, 1, 3, 2] }),
  createNode("Transpose", ["v"], ["vT"], { perm: [0, 1, 3, 2] }),
  createNode("MatMul", ["vT", "yT"], ["oT"]),
  createNode("Transpose", ["oT"], ["o"], { perm: [0, 1, 3, 2] }),
];

describe("Softmax as the weights of an average", () => {
  test.for<[string, Node[]]>([
    ["that something else reads, too", [average, createNode("Neg", ["y"], ["unused"])]],
    ["that stand on the right", turned],
  ])("has the gradient of weights %s", async ([label, nodes]) => {
    const expected = await gradientsOf(attentionOf([average]));
    expectClose(await gradientsOf(attentionOf(nodes)), expected, 1e-5, label);
  });

  test("multiplies the weights but once", () => {
    const { model } = differentiateModel(attentionOf([average]), { loss: "loss", wrt: ["x"] });
    const products = model.graph.nodes.filter(({ opType }) => opType === "Mul");
    const [last, ...others] = products.filter(({ inputs }) => inputs.includes("y"));
    expect(last).toBeDefined();
    expect(others).toEqual([]);
  });
});

/** The loss is the sum of the squared averages. */
function attentionOf(nodes: readonly Node[]): Model {
  const input = (name: string, shape: readonly number[]) =>
    ({ name, type: { dtype: "float32", shape } }) as const;
  return createModel({
    opset: 21,
    irVersion: 10,
    graph: createGraph({
      nodes: [
        createNode("Softmax", ["x"], ["y"], { axis: -1 }),
        ...nodes,
        createNode("Mul", ["o", "o"], ["squares"]),
        createNode("ReduceSum", ["squares"], ["loss"], { keepdims: 0 }),
      ],
      inputs: [input("x", SCORES), input("v", VALUES)],
      outputs: [input("loss", [])],
    }),
  });
}

async function gradientsOf(model: Model): Promise<Gradients> {
  const { model: step, gradients } = differentiateModel(model, { loss: "loss", wrt: ["x", "v"] });
  const program = await load(step);
  const random = randomFrom("attention");
  const draw = (dims: readonly number[]) => {
    const count = elementCount(dims);
    return tensorOf(
      "float32",
      dims,
      Array.from({ length: count }, () => 4 * random() - 2),
    );
  };
  const feeds = new Map([
    ["x", draw(SCORES)],
    ["v", draw(VALUES)],
  ]);
  const results = await program.run(feeds);
  return new Map(Array.from(gradients, ([name, output]) => [name, results.get(output)!]));
}
