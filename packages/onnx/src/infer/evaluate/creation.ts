import { tensorAttribute } from "../../ir/attributes.js";
import type { Node } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import {
  createTensor,
  elementCount,
  type NumericDataType,
  scalarOf,
  tensorOf,
} from "../../ir/tensor/tensor-data.js";
import { stridesOf } from "./indices.js";
import type { Kernel } from "./kernel.js";
import { floatsOf, integersOf, isFloat, isNumeric, tensorOfIntegers } from "./numbers.js";

/** Tensors that are written out, counted or filled in. */

/** The tensor in a `Constant` node; `undefined` where it is sparse. */
export function constantTensor(node: Node): Tensor | undefined {
  const dense = tensorAttribute(node, "value");
  if (dense !== undefined) return dense;
  for (const [name, attribute] of node.attributes) {
    const { kind, value } = attribute;
    if (kind === "int" && name === "value_int") return scalarOf("int64", value);
    if (kind === "float" && name === "value_float") return scalarOf("float32", value);
    if (kind === "string" && name === "value_string") return createTensor("string", [], [value]);
    if (kind === "ints" && name === "value_ints") return tensorOf("int64", [value.length], value);
    if (kind === "floats" && name === "value_floats")
      return tensorOf("float32", [value.length], value);
    if (kind === "strings" && name === "value_strings")
      return createTensor("string", [value.length], [...value]);
  }
  return undefined;
}

const range: Kernel = (_, inputs, { dtype, dims }) => {
  const count = elementCount(dims);
  if (isFloat(dtype)) {
    const [start, , delta] = inputs.map((input) => floatsOf(input)[0]!);
    return tensorOf(
      dtype,
      dims,
      Array.from({ length: count }, (_, i) => start! + i * delta!),
    );
  }
  const [start, , delta] = inputs.map((input) => integersOf(input)[0]!);
  return tensorOfIntegers(
    dtype,
    dims,
    Array.from({ length: count }, (_, i) => start! + BigInt(i) * delta!),
  );
};

const constantOfShape: Kernel = (view, _, { dtype, dims }) => {
  const value = tensorAttribute(view.node, "value");
  const count = elementCount(dims);
  if (value === undefined) return tensorOf(dtype, dims, new Float32Array(count));
  if (!isNumeric(value)) return undefined;
  return isFloat(dtype)
    ? tensorOf(dtype, dims, new Float64Array(count).fill(floatsOf(value)[0]!))
    : tensorOfIntegers(dtype, dims, new BigInt64Array(count).fill(integersOf(value)[0]!));
};

/** Coordinates of the elements other than zero, one row an axis. */
export function nonZeroIndices(input: Tensor<NumericDataType>): Tensor {
  const values = floatsOf(input);
  const found = Array.from({ length: values.length }, (_, i) => i).filter((i) => values[i] !== 0);
  const strides = stridesOf(input.dims);
  const rows = input.dims.map((dim, axis) =>
    found.map((i) => Math.floor(i / strides[axis]!) % dim),
  );
  return tensorOf("int64", [input.dims.length, found.length], rows.flat());
}

export const creationKernels: ReadonlyMap<string, Kernel> = new Map([
  ["Range", range],
  ["ConstantOfShape", constantOfShape],
]);
