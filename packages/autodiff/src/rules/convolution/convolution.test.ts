import {
  type AttributeInput,
  createGraph,
  createModel,
  createNode,
  type Dim,
  elementCount,
  type Model,
  type Tensor,
  tensorOf,
} from "@engraft/onnx";
import { describe, expect, test } from "vitest";
import { differentiateModel } from "../../differentiate.js";
import { expectClose, type Gradients } from "../../gradcheck/numbers.js";
import { randomFrom } from "../../gradcheck/random.js";
import { load } from "../../gradcheck/runtime.js";

/** A convolution: data sizes, weight sizes, attributes. */
interface Convolution {
  readonly name: string;
  readonly data: readonly number[];
  readonly weights: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
}

/** Of the shapes that real models have, one for each way in which sizes decide the form. */
const convolutions: readonly Convolution[] = [
  { name: "pointwise on a large map", data: [2, 4, 9, 8], weights: [6, 4, 1, 1] },
  { name: "pointwise on a small map", data: [2, 24, 3, 2], weights: [16, 24, 1, 1] },
  {
    name: "dense on a large map",
    data: [2, 3, 15, 14],
    weights: [4, 3, 3, 3],
    attributes: { pads: [1, 1, 1, 1] },
  },
  {
    name: "dense on a small map",
    data: [2, 16, 4, 5],
    weights: [16, 16, 3, 3],
    attributes: { pads: [1, 1, 1, 1] },
  },
  {
    name: "dense and strided",
    data: [2, 8, 8, 7],
    weights: [4, 8, 3, 3],
    attributes: { pads: [1, 1, 1, 1], strides: [2, 2], dilations: [1, 2] },
  },
  {
    name: "depthwise on a large map",
    data: [1, 3, 30, 29],
    weights: [3, 1, 3, 3],
    attributes: { pads: [1, 1, 1, 1], group: 3 },
  },
  {
    name: "depthwise and strided",
    data: [2, 6, 9, 8],
    weights: [6, 1, 5, 5],
    attributes: { pads: [2, 2, 2, 2], strides: [2, 2], group: 6 },
  },
  {
    name: "depthwise on a small map",
    data: [2, 6, 7, 5],
    weights: [6, 1, 5, 3],
    attributes: { pads: [2, 1, 2, 1], group: 6 },
  },
  {
    name: "depthwise with two kernels a channel, dilated, padded on one side",
    data: [2, 3, 9, 8],
    weights: [6, 1, 3, 3],
    attributes: { pads: [0, 3, 2, 0], dilations: [2, 3], group: 3 },
  },
  {
    name: "depthwise in one dimension",
    data: [2, 4, 11],
    weights: [4, 1, 5],
    attributes: { pads: [2, 1], group: 4 },
  },
  {
    name: "depthwise in three dimensions",
    data: [2, 3, 4, 5, 6],
    weights: [3, 1, 3, 2, 3],
    attributes: { pads: [1, 0, 1, 1, 1, 1], group: 3 },
  },
  {
    name: "grouped",
    data: [2, 8, 6, 5],
    weights: [12, 4, 3, 3],
    attributes: { pads: [1, 1, 1, 1], group: 2 },
  },
  {
    name: "grouped with a long kernel",
    data: [2, 4, 50],
    weights: [4, 2, 40],
    attributes: { pads: [20, 20], strides: [2], group: 2 },
  },
];

/** Sizes that are numbers, with a named batch, or with all but the channels named. */
const namings: Readonly<Record<string, (dims: readonly number[]) => Dim[]>> = {
  static: (dims) => [...dims],
  "batch named": (dims) => ["batch", ...dims.slice(1)],
  "map named": (dims) => [dims[0]!, dims[1]!, ...dims.slice(2).map((_, axis) => `size${axis}`)],
  "all named": (dims) => ["batch", dims[1]!, ...dims.slice(2).map((_, axis) => `size${axis}`)],
};

describe.for(["Conv", "ConvTranspose"])("%s", (operator) => {
  test.for(convolutions)("$name: every form gives the same gradients", async (convolution) => {
    const reference = await gradientsOf(operator, convolution, namings.static!);
    for (const [label, naming] of Object.entries(namings)) {
      const gradients = await gradientsOf(operator, convolution, naming);
      expectClose(gradients, reference, 1e-5, label);
    }
  });
});

async function gradientsOf(
  operator: string,
  convolution: Convolution,
  naming: (dims: readonly number[]) => Dim[],
): Promise<Gradients> {
  const { x, w } = tensorsOf(operator, convolution);
  const model = squaredOutput(operator, convolution, naming(x.dims), w);
  const { model: step, gradients } = differentiateModel(model, { loss: "loss", wrt: ["x", "w"] });
  const program = await load(step);
  const results = await program.run(
    new Map([
      ["x", x],
      ["w", w],
    ]),
  );
  expect([...gradients.keys()]).toEqual(["x", "w"]);
  return new Map(Array.from(gradients, ([name, output]) => [name, results.get(output)!]));
}

/** A transposed convolution has input channels where the other has output channels. */
function tensorsOf(operator: string, { name, data, weights }: Convolution) {
  const random = randomFrom(name);
  const draw = (dims: readonly number[]): Tensor =>
    tensorOf(
      "float32",
      dims,
      Array.from({ length: elementCount(dims) }, () => random() - 0.5),
    );
  const channels = operator === "Conv" ? data[1]! : weights[0]!;
  return { x: draw(data.with(1, channels)), w: draw(weights) };
}

/** The loss is the sum of the squared outputs, so that every element has its own gradient. */
function squaredOutput(
  operator: string,
  { attributes = {} }: Convolution,
  shape: readonly Dim[],
  weights: Tensor,
): Model {
  return createModel({
    opset: 21,
    irVersion: 10,
    graph: createGraph({
      nodes: [
        createNode(operator, ["x", "w"], ["y"], attributes),
        createNode("Mul", ["y", "y"], ["squares"]),
        createNode("ReduceSum", ["squares"], ["loss"], { keepdims: 0 }),
      ],
      inputs: [{ name: "x", type: { dtype: "float32", shape } }],
      outputs: [{ name: "loss", type: { dtype: "float32", shape: [] } }],
      initializers: [["w", weights]],
    }),
  });
}
