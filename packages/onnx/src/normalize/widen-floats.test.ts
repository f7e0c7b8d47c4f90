import { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { runModel } from "../../test/run-model.js";
import { modelOf, noise } from "../../test/same-function.js";
import { createNode } from "../ir/build.js";
import type { Model } from "../ir/graph.js";
import { fromFloat32 } from "../ir/tensor/convert.js";
import { dataTypeCodes } from "../ir/tensor/data-type-codes.js";
import { numbersOf, scalarOf } from "../ir/tensor/tensor-data.js";
import { widenFloats } from "./widen-floats.js";

const half = (seed: number, dims: readonly number[]) => fromFloat32(noise(dims, seed), "float16");
const toHalf = { to: dataTypeCodes.float16 };

/** Half precision everywhere: input, weights, casts, a branch and the output. */
function halfModel(): Model {
  const branch = (operator: string, output: string) =>
    modelOf({ nodes: [createNode(operator, ["s"], [output])], outputs: [`${output}:float16`] })
      .graph;
  return modelOf({
    nodes: [
      createNode("Cast", ["ids"], ["offset"], toHalf),
      createNode("MatMul", ["x", "w"], ["h"]),
      createNode("Constant", [], ["b"], { value: half(3, [4]) }),
      createNode("Add", ["h", "b"], ["hb"]),
      createNode("Add", ["hb", "offset"], ["s"]),
      createNode("If", ["flag"], ["y"], {
        then_branch: branch("Neg", "p"),
        else_branch: branch("Abs", "q"),
      }),
    ],
    feeds: { x: half(1, [2, 3]), ids: scalarOf("int64", 2), flag: scalarOf("bool", 1) },
    constants: { w: half(2, [3, 4]) },
    outputs: ["y:float16"],
  });
}

test("nothing of 16 bits is left, and the result is that of half precision", async () => {
  const model = halfModel();
  const wide = widenFloats(model);
  expect(JSON.stringify([...wide.graph.inputs, ...wide.graph.outputs])).not.toContain("float16");
  expect(wide.graph.initializers.get("w")!.dtype).toBe("float32");
  const data = numbersOf(half(1, [2, 3]));
  const others = {
    ids: new Tensor("int64", BigInt64Array.of(2n), []),
    flag: new Tensor("bool", Uint8Array.of(1), []),
  };
  const stored = new Tensor("float16", half(1, [2, 3]).data as Uint16Array, [2, 3]);
  const { y: narrowY } = await runModel(model, { ...others, x: stored });
  const { y: wideY } = await runModel(wide, { ...others, x: new Tensor("float32", data, [2, 3]) });
  const narrow = numbersOf({ dtype: "float16", dims: [2, 4], data: narrowY!.data as Uint16Array });
  for (const [index, value] of narrow.entries()) {
    expect((wideY!.data as Float32Array)[index]).toBeCloseTo(value, 2);
  }
});

test("weights keep their exact values", () => {
  const model = halfModel();
  const before = numbersOf(model.graph.initializers.get("w")!);
  expect(numbersOf(widenFloats(model).graph.initializers.get("w")!)).toEqual(before);
});
