import { Tensor as RuntimeTensor } from "onnxruntime-node";
import { expect } from "vitest";
import { createGraph, createModel, valueInfo } from "../src/ir/build.js";
import type { Model, Node, Shape } from "../src/ir/graph.js";
import type { DataType, StoredType, Tensor } from "../src/ir/tensor/tensor.js";
import { createTensor, elementCount, numbersOf, tensorOf } from "../src/ir/tensor/tensor-data.js";
import { prune } from "../src/passes/edit/prune.js";
import { verify } from "../src/verify/verify.js";
import { runModel } from "./run-model.js";

/** Models that are compared with what a pass makes of them, by what ONNX Runtime computes. */

/** What is needed to write a model down for a test. */
export interface ModelParts {
  readonly nodes: readonly Node[];
  /** Tensors that are fed; their shapes become those of the inputs unless `shapes` says otherwise. */
  readonly feeds?: Readonly<Record<string, Tensor>>;
  readonly shapes?: Readonly<Record<string, Shape>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** Names of outputs; float32 unless a type is given behind a colon: `"indices:int64"`. */
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

export function modelOf(parts: ModelParts): Model {
  const { feeds = {}, shapes = {}, constants = {}, outputs = ["y"], opset = 21 } = parts;
  const inputs = Object.entries(feeds).map(([name, { dtype, dims }]) =>
    valueInfo(name, dtype, shapes[name] ?? dims),
  );
  const graph = createGraph({
    nodes: parts.nodes,
    inputs,
    outputs: outputs.map((output) => {
      const [name, dtype = "float32"] = output.split(":");
      return valueInfo(name!, dtype as DataType);
    }),
    initializers: Object.entries(constants),
  });
  return createModel({ graph, opset, opsets: [["com.microsoft", 1]], irVersion: 10 });
}

/** Numbers between -1 and 1 that are the same in every run; `seed` gives others. */
export function noise(dims: readonly number[], seed: number = 1): Tensor<"float32"> {
  let state = seed * 2654435761;
  const values = Array.from({ length: elementCount(dims) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return tensorOf("float32", dims, values);
}

/**
 * Applies a pass to a model, and checks that ONNX Runtime computes the same with the result. Values
 * may differ by `tolerance` times the largest one of their tensor. Returns the result.
 */
export async function expectSameFunction(
  parts: ModelParts,
  pass: (model: Model) => Model,
  tolerance: number = 1e-5,
): Promise<Model> {
  const changed = pass(modelOf(parts));
  await expectSameResults(changed, parts, tolerance);
  return changed;
}

/** Checks that ONNX Runtime computes the same with a model as with another one, from its feeds. */
export async function expectSameResults(
  model: Model,
  reference: ModelParts,
  tolerance: number = 1e-5,
): Promise<void> {
  verify(model);
  const { feeds = {} } = reference;
  const [expected, actual] = [
    await outputsOf(modelOf(reference), feeds),
    await outputsOf(model, feeds),
  ];
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, tensor] of expected) expectClose(actual.get(name)!, tensor, tolerance);
}

async function outputsOf(
  model: Model,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Map<string, Tensor>> {
  // The runtime warns of initializers that nothing reads.
  const tidy = { ...model, graph: prune(model.graph) };
  const fed = Object.entries(feeds).map(([name, tensor]) => [name, runtimeTensor(tensor)] as const);
  const results = Object.entries(await runModel(tidy, Object.fromEntries(fed)));
  return new Map(
    results.map(([name, { type, dims, data }]) => [
      name,
      createTensor(type as StoredType, dims, data),
    ]),
  );
}

function runtimeTensor({ dtype, dims, data }: Tensor): RuntimeTensor {
  return new RuntimeTensor(dtype as "float32", data as Float32Array, dims);
}

function expectClose(actual: Tensor, expected: Tensor, tolerance: number): void {
  expect(actual.dims).toEqual(expected.dims);
  const [own, reference] = [numbersOf(actual), numbersOf(expected)];
  const largest = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  for (const [index, value] of reference.entries()) {
    if (Object.is(value, own[index])) continue;
    expect(Math.abs(own[index]! - value)).toBeLessThanOrEqual(tolerance * largest);
  }
}

/** The operators of a model's nodes, in order; those of other domains with the domain. */
export function operatorsOf({ graph }: Model): string[] {
  return graph.nodes.map(({ domain, opType }) => (domain === "" ? opType : `${domain}.${opType}`));
}
