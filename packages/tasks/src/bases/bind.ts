import { UsageError } from "@engraft/core";
import {
  elementCount,
  inferTypes,
  type Model,
  type NumericDataType,
  type Tensor,
  tensorOf,
  type ValueInfo,
} from "@engraft/onnx";
import type { InputBinding } from "../format/manifest/config.js";

/**
 * Fixes inputs of a model to constants, and names of sizes to numbers. What depends on nothing else is
 * then known: an `If` on a bound input is the branch that it takes.
 *
 * @throws UsageError when there is no such input or size, or a value does not fit it.
 */
export function bindModel(model: Model, bindings: readonly InputBinding[]): Model {
  const { graph } = model;
  const sizes = new Set(graph.inputs.flatMap(({ type }) => type.shape ?? []));
  const constants = new Map<string, Tensor>();
  const dims = new Map<string, number>();
  for (const { name, values } of bindings) {
    const input = graph.inputs.find((one) => one.name === name);
    if (input !== undefined) constants.set(name, constantOf(input, values));
    else if (sizes.has(name)) dims.set(name, sizeOf(name, values));
    else throw unknown(name, graph.inputs);
  }
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name));
  if (inputs.length === 0 && constants.size > 0) {
    throw new UsageError("All inputs of the model are bound: nothing is left that it could read.");
  }
  const initializers = new Map([...graph.initializers, ...constants]);
  const bound = { ...model, graph: { ...graph, inputs, initializers } };
  return dims.size === 0 ? bound : inferTypes(bound, { dims: Object.fromEntries(dims) });
}

function constantOf({ name, type }: ValueInfo, values: readonly number[]): Tensor {
  const { dtype, shape } = type;
  const dims = shape?.filter((size) => typeof size === "number");
  if (dtype === "string" || dtype === "undefined" || dims?.length !== shape?.length || !dims) {
    throw new UsageError(
      `Input "${name}" cannot be bound: its size is not fixed, or it holds no numbers (${describe({ name, type })}).`,
    );
  }
  const fits = dtype.includes("float") || values.every(Number.isSafeInteger);
  if (values.length !== elementCount(dims) || !fits) {
    throw new UsageError(
      `Input "${name}" takes ${elementCount(dims)} numbers of type ${dtype}; ${values.join(",")} is given.`,
    );
  }
  return tensorOf(dtype as NumericDataType, dims, values);
}

function sizeOf(name: string, values: readonly number[]): number {
  const [size = 0] = values;
  if (values.length === 1 && Number.isSafeInteger(size) && size > 0) return size;
  throw new UsageError(
    `The size "${name}" is bound to a whole number above 0, not to ${values.join(",")}.`,
  );
}

function unknown(name: string, inputs: readonly ValueInfo[]): UsageError {
  return new UsageError(
    `The model has no input and no size "${name}" to bind. Its inputs are ${inputs.map(describe).join(", ")}.`,
  );
}

function describe({ name, type }: ValueInfo): string {
  return `${name} ${type.dtype}[${type.shape?.map((size) => size ?? "?").join(", ") ?? "?"}]`;
}
