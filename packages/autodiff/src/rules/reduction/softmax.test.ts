import {
  createGraph,
  createModel,
  createNode,
  elementCount,
  type Model,
  type Node,
  type Shape,
  tensorOf,
} from "@engraft/onnx";
import { describe, expect, test } from "vitest";
import { differentiateModel } from "../../differentiate.js";
import { expectClose, type Gradients } from "../../gradcheck/numbers.js";
import { randomFrom } from "../../gradcheck/random.js";
import { load } from "../../gradcheck/runtime.js";

/** Softmax weights `y` of scores `x`, and what is made of them and of values `v`: `o`. */
interface Attention {
  readonly readers: readonly Node[];
  readonly scores: readonly number[];
  readonly values: readonly number[];
  readonly axis?: number;
  /** What the model says of the sizes of the scores and values. Default: all. */
  readonly known?: { readonly x: Shape; readonly v: Shape };
}

const AVERAGE: Attention = {
  readers: [createNode("MatMul", ["y", "v"], ["o"])],
  scores: [2, 3, 4, 5],
  values: [2, 3, 5, 6],
};

const transposed = { perm: [0, 1, 3, 2] };

/** Averages of which the shorter sum holds, and uses of the weights of which it does not. */
const uses: readonly (readonly [string, Attention])[] = [
  ["an average", AVERAGE],
  ["an average of one row", { ...AVERAGE, scores: [5], values: [5, 6] }],
  [
    "an average whose weights stand on the right",
    {
      ...AVERAGE,
      readers: [
        createNode("Transpose", ["y"], ["yT"], transposed),
        createNode("Transpose", ["v"], ["vT"], transposed),
        createNode("MatMul", ["vT", "yT"], ["oT"]),
        createNode("Transpose", ["oT"], ["o"], transposed),
      ],
    },
  ],
  [
    "a product with the values on the left",
    { ...AVERAGE, readers: [createNode("MatMul", ["v", "y"], ["o"])], values: [2, 3, 4, 4] },
  ],
  ["weights along another axis", { ...AVERAGE, axis: 2 }],
  ["weights that all values share", { ...AVERAGE, scores: [1, 3, 4, 5] }],
  ["weights that some values share", { ...AVERAGE, scores: [2, 1, 4, 5] }],
  [
    "weights of fewer dimensions than the values",
    { ...AVERAGE, scores: [3, 3, 5], values: [3, 3, 5, 6] },
  ],
  [
    "weights that may be shared, of unknown sizes",
    { ...AVERAGE, scores: [1, 3, 4, 5], known: { x: [null, 3, 4, 5], v: [null, 3, 5, 6] } },
  ],
  [
    "weights that are multiplied by themselves",
    { ...AVERAGE, readers: [createNode("MatMul", ["y", "y"], ["o"])], scores: [2, 4, 4] },
  ],
  [
    "weights that something else reads, too",
    {
      ...AVERAGE,
      readers: [
        createNode("MatMul", ["y", "v"], ["average"]),
        createNode("Exp", ["y"], ["e"]),
        createNode("ReduceSum", ["e"], ["sum"], { keepdims: 0 }),
        createNode("Add", ["average", "sum"], ["o"]),
      ],
    },
  ],
  [
    "weights that another operator reads",
    { ...AVERAGE, readers: [createNode("Exp", ["y"], ["o"])] },
  ],
];

describe("Softmax as weights", () => {
  test.for(uses)("has the gradient of its definition in %s", async ([, use]) => {
    const gradients = await gradientsOf(use, [softmaxOf(use)]);
    expectClose(gradients, await gradientsOf(use, definitionOf(use)), 1e-5, "by definition");
  });

  test("multiplies the weights of an average but once", () => {
    expect(productsOfWeights(AVERAGE)).toBe(1);
    expect(productsOfWeights({ ...AVERAGE, axis: -1 })).toBe(1);
    expect(productsOfWeights({ ...AVERAGE, axis: 3 })).toBe(1);
    expect(
      productsOfWeights({ ...AVERAGE, known: { x: [null, 3, 4, 5], v: [null, 3, 5, 6] } }),
    ).toBe(2);
  });
});

function productsOfWeights(use: Attention): number {
  const { model } = differentiateModel(modelOf(use, [softmaxOf(use)]), {
    loss: "loss",
    wrt: ["x"],
  });
  return model.graph.nodes.filter(({ opType, inputs }) => opType === "Mul" && inputs.includes("y"))
    .length;
}

function softmaxOf({ axis }: Attention): Node {
  return createNode("Softmax", ["x"], ["y"], axis === undefined ? {} : { axis });
}

function definitionOf({ axis = -1 }: Attention): Node[] {
  return [
    createNode("Exp", ["x"], ["exp"]),
    createNode("Constant", [], ["axes"], { value: tensorOf("int64", [1], [axis]) }),
    createNode("ReduceSum", ["exp", "axes"], ["total"]),
    createNode("Div", ["exp", "total"], ["y"]),
  ];
}

/** The loss is the sum of the squares of `o`. */
function modelOf({ readers, scores, values, known }: Attention, weights: readonly Node[]): Model {
  const input = (name: string, shape: Shape) =>
    ({ name, type: { dtype: "float32", shape } }) as const;
  const shapes = known ?? { x: scores, v: values };
  return createModel({
    opset: 21,
    irVersion: 10,
    graph: createGraph({
      nodes: [
        ...weights,
        ...readers,
        createNode("Mul", ["o", "o"], ["squares"]),
        createNode("ReduceSum", ["squares"], ["loss"], { keepdims: 0 }),
      ],
      inputs: [input("x", shapes.x), input("v", shapes.v)],
      outputs: [input("loss", [])],
    }),
  });
}

async function gradientsOf(use: Attention, weights: readonly Node[]): Promise<Gradients> {
  const wrt = use.readers.some(({ inputs }) => inputs.includes("v")) ? ["x", "v"] : ["x"];
  const { model, gradients } = differentiateModel(modelOf(use, weights), { loss: "loss", wrt });
  const program = await load(model);
  const random = randomFrom("attention");
  const draw = (dims: readonly number[]) => {
    const data = Array.from({ length: elementCount(dims) }, () => 4 * random() - 2);
    return tensorOf("float32", dims, data);
  };
  const feeds = new Map([
    ["x", draw(use.scores)],
    ["v", draw(use.values)],
  ]);
  const results = await program.run(feeds);
  return new Map(Array.from(gradients, ([name, output]) => [name, results.get(output)!]));
}
