import { createGraph, createModel, createNode, type Model, tensorOf } from "@engraft/onnx";
import { expect, it } from "vitest";
import { differentiateModel } from "../../differentiate.js";
import { load } from "../../gradcheck/runtime.js";

const next = (value: number, steps: number): number => {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + steps);
  return bits.getFloat32(0);
};

const largest = next(Infinity, -1);
const smallestNormal = 2 ** -126;

it.for([
  ["0 and 6", 0, 6],
  ["-1 and 1", -1, 1],
  ["0.001 and 1e30", 0.001, 1e30],
])("passes gradients strictly between %s, to the last bit", async ([, low, high]) => {
  const [a, b] = [Math.fround(low as number), Math.fround(high as number)];
  const inside = [a === 0 ? smallestNormal : next(a, a > 0 ? 1 : -1), next(b, -1), (a + b) / 2];
  const outside = [a, b, -largest, largest, -Infinity, Infinity, next(b, 1)];
  const gradient = await gradientOfClip(a, b, [...inside, ...outside]);
  expect(gradient).toEqual([...inside.map(() => 1), ...outside.map(() => 0)]);
});

it.for([
  ["an ordinary bound", "float32", 6, true],
  ["0", "float32", 0, true],
  ["the largest bound with room for the slope", "float32", 2 ** 100, true],
  ["the smallest bound with room for the slope", "float32", 2 ** -100, true],
  ["a larger bound", "float32", 2 ** 101, false],
  ["a smaller bound", "float32", 2 ** -101, false],
  ["double precision", "float64", 6, false],
] as const)("compares by one HardSigmoid: %s", ([, dtype, high, isOne]) => {
  const step = differentiateModel(clipOf(dtype, 0, high, 4), { loss: "loss", wrt: ["x"] }).model;
  const operators = step.graph.nodes.map(({ opType }) => opType);
  expect(operators.includes("Less")).toBe(!isOne);
  expect(operators.filter((name) => name === "HardSigmoid")).toHaveLength(
    dtype === "float64" ? 0 : isOne ? 2 : 1,
  );
});

async function gradientOfClip(low: number, high: number, x: number[]): Promise<number[]> {
  const { model: step, gradients } = differentiateModel(clipOf("float32", low, high, x.length), {
    loss: "loss",
    wrt: ["x"],
  });
  const feeds = new Map([["x", tensorOf("float32", [x.length], x)]]);
  const results = await (await load(step)).run(feeds);
  return results.get(gradients.get("x")!)!.data.map((value) => value + 0);
}

/** The loss is the sum of `x` clipped. */
function clipOf(dtype: "float32" | "float64", low: number, high: number, count: number): Model {
  return createModel({
    opset: 21,
    irVersion: 10,
    graph: createGraph({
      nodes: [
        createNode("Clip", ["x", "low", "high"], ["y"]),
        createNode("ReduceSum", ["y"], ["loss"], { keepdims: 0 }),
      ],
      inputs: [{ name: "x", type: { dtype, shape: [count] } }],
      outputs: [{ name: "loss", type: { dtype, shape: [] } }],
      initializers: new Map([
        ["low", tensorOf(dtype, [], [low])],
        ["high", tensorOf(dtype, [], [high])],
      ]),
    }),
  });
}
