import type { Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect } from "vitest";
import { inferTypes } from "../src/infer/infer-types.js";
import { type AttributeInput, createGraph, createModel, createNode } from "../src/ir/build.js";
import type { Model } from "../src/ir/graph.js";
import type { StoredType, Tensor } from "../src/ir/tensor/tensor.js";
import { createTensor, numbersOf, scalarOf, tensorOf } from "../src/ir/tensor/tensor-data.js";
import { runModel } from "./run-model.js";

/** Constants, models of one node over them, and comparison with what ONNX Runtime computes. */

export const ints = (...values: number[]): Tensor => tensorOf("int64", [values.length], values);
export const floats = (...values: number[]): Tensor => tensorOf("float32", [values.length], values);
export const bools = (...values: number[]): Tensor => tensorOf("bool", [values.length], values);
export const int = (value: number): Tensor => scalarOf("int64", value);
export const reshaped = (tensor: Tensor, ...dims: number[]): Tensor => ({ ...tensor, dims });

export type Attributes = Record<string, AttributeInput>;

/** A model (operator set 18) of one node whose inputs are all constants; outputs `y0`, `y1`, ... */
export function modelOfNode(
  operator: string,
  inputs: readonly Tensor[],
  attributes: Attributes,
  outputs: number,
): Model {
  const names = Array.from({ length: outputs }, (_, index) => `y${index}`);
  const node = createNode(
    operator,
    inputs.map((_, index) => `x${index}`),
    names,
    attributes,
  );
  const initializers = inputs.map((tensor, index) => [`x${index}`, tensor] as const);
  const graph = createGraph({ nodes: [node], outputs: [], initializers });
  const { valueTypes } = inferTypes(createModel({ graph, opset: 18 })).graph;
  const infos = names.map((name) => ({ name, type: valueTypes.get(name)! }));
  return createModel({ graph: { ...graph, outputs: infos }, opset: 18 });
}

/** Results of a run, as tensors of the IR. */
export async function resultsOf(
  model: Model,
  feeds: Record<string, RuntimeTensor> = {},
): Promise<Map<string, Tensor>> {
  const results = Object.entries(await runModel(model, feeds));
  return new Map(
    results.map(([name, { type, dims, data }]) => [
      name,
      createTensor(type as StoredType, dims, data),
    ]),
  );
}

/** Equal in type and shape; floats equal to within rounding of single precision. */
export function expectSame(own: Tensor, reference: Tensor): void {
  expect(own.dtype).toBe(reference.dtype);
  expect(own.dims).toEqual(reference.dims);
  if (own.dtype === "int64") {
    expect(own.data).toEqual(reference.data);
    return;
  }
  const expected = numbersOf(reference);
  for (const [i, value] of numbersOf(own).entries()) {
    const tolerance = 1e-6 * Math.max(1, Math.abs(expected[i]!));
    if (!Object.is(value, expected[i]))
      expect(value).toBeCloseTo(expected[i]!, -Math.log10(2 * tolerance));
  }
}
