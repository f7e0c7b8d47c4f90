import {
  createGraph,
  createModel,
  createNode,
  type DataType,
  dataTypeCodes,
  type Model,
  tensorOf,
} from "@engraft/onnx";
import { expect, it } from "vitest";
import { differentiateModel } from "../../differentiate.js";
import { load } from "../../gradcheck/runtime.js";

/** The sum of the squares of `x`, in another type. */
function squaresIn(dtype: DataType): Model {
  return createModel({
    opset: 21,
    irVersion: 10,
    graph: createGraph({
      nodes: [
        createNode("Cast", ["x"], ["cast"], { to: dataTypeCodes[dtype] }),
        createNode("Mul", ["cast", "cast"], ["squares"]),
        createNode("ReduceSum", ["squares"], ["sum"], { keepdims: 0 }),
        createNode("Cast", ["sum"], ["loss"], { to: dataTypeCodes.float32 }),
      ],
      inputs: [{ name: "x", type: { dtype: "float32", shape: [3] } }],
      outputs: [{ name: "loss", type: { dtype: "float32", shape: [] } }],
    }),
  });
}

it.each(["float32", "float64"] as const)(
  "the gradient of a cast to %s has the type of its input",
  async (dtype) => {
    const { model, gradients } = differentiateModel(squaresIn(dtype), { loss: "loss", wrt: ["x"] });
    const program = await load(model);
    const results = await program.run(new Map([["x", tensorOf("float32", [3], [1.5, -2, 0])]]));
    const name = gradients.get("x")!;
    const declared = model.graph.outputs.find((output) => output.name === name);
    expect(declared?.type.dtype).toBe("float32");
    expect(results.get(name)!.data).toEqual([3, -4, 0]);
    const casts = model.graph.nodes.filter(({ opType }) => opType === "Cast");
    expect(casts).toHaveLength(dtype === "float32" ? 2 : 4);
  },
);
