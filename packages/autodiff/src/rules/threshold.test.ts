import { createGraph, createModel, createNode, type Tensor, tensorOf } from "@engraft/onnx";
import { expect, it } from "vitest";
import { differentiateModel } from "../differentiate.js";
import { load } from "../gradcheck/runtime.js";

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

async function gradientOfClip(low: number, high: number, x: number[]): Promise<number[]> {
  const bound = (value: number): Tensor => tensorOf("float32", [], [value]);
  const model = createModel({
    opset: 21,
    irVersion: 10,
    graph: createGraph({
      nodes: [
        createNode("Clip", ["x", "low", "high"], ["y"]),
        createNode("ReduceSum", ["y"], ["loss"], { keepdims: 0 }),
      ],
      inputs: [{ name: "x", type: { dtype: "float32", shape: [x.length] } }],
      outputs: [{ name: "loss", type: { dtype: "float32", shape: [] } }],
      initializers: new Map([
        ["low", bound(low)],
        ["high", bound(high)],
      ]),
    }),
  });
  const { model: step, gradients } = differentiateModel(model, { loss: "loss", wrt: ["x"] });
  const feeds = new Map([["x", tensorOf("float32", [x.length], x)]]);
  const results = await (await load(step)).run(feeds);
  return results.get(gradients.get("x")!)!.data.map((value) => value + 0);
}
