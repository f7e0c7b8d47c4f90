import { elementCount, printType, type Tensor, type ValueInfo } from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import type { Feeds } from "../../runtime/feeds.js";

/** Class of the data of a tensor, by its element type. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ["float32", "Float32Array"],
  ["float64", "Float64Array"],
  ["float16", "Uint16Array"],
  ["bfloat16", "Uint16Array"],
  ["int8", "Int8Array"],
  ["uint8", "Uint8Array"],
  ["int16", "Int16Array"],
  ["uint16", "Uint16Array"],
  ["int32", "Int32Array"],
  ["uint32", "Uint32Array"],
  ["int64", "BigInt64Array"],
  ["uint64", "BigUint64Array"],
  ["bool", "Uint8Array"],
  ["string", "Array"],
  ["int4", "Int8Array"],
  ["uint4", "Uint8Array"],
]);

/**
 * Checks tensors against the inputs of a model: names, element types, sizes, and lengths of data.
 *
 * @param where - What the tensors are called in messages: `train.inputs`.
 * @returns How many examples there are: the size of every first axis.
 * @throws UsageError for the first thing that does not fit: what was given and what was expected.
 */
export function checkInputs(inputs: readonly ValueInfo[], given: Feeds, where: string): number {
  const list = inputs.map(({ name, type }) => `"${name}" ${printType(type)}`).join(", ");
  const missing = inputs.find(({ name }) => !given.has(name));
  if (missing !== undefined) {
    throw new UsageError(
      `${where} has no tensor for the input "${missing.name}" of the model. Its inputs are ${list}.`,
    );
  }
  const known = new Set(inputs.map(({ name }) => name));
  for (const name of given.keys()) {
    if (known.has(name)) continue;
    throw new UsageError(
      `${where} has a tensor for "${name}", and the model has no such input. Its inputs are ${list}.`,
    );
  }
  const sizes = new Map<string, { readonly size: number; readonly of: string }>();
  for (const { name, type } of inputs) {
    const label = `${where}: "${name}"`;
    const tensor = given.get(name)!;
    checkTensor(tensor, label);
    const fits =
      tensor.dtype === type.dtype &&
      (type.shape === undefined ||
        (tensor.dims.length === type.shape.length &&
          type.shape.every(
            (size, axis) => typeof size !== "number" || tensor.dims[axis] === size,
          )));
    if (!fits) {
      throw new UsageError(
        `${label} is ${tensor.dtype}[${tensor.dims.join(", ")}], and the model reads ${printType(type)}.`,
      );
    }
    for (const [axis, size] of (type.shape ?? []).entries()) {
      if (typeof size !== "string") continue;
      const first = sizes.get(size) ?? { size: tensor.dims[axis]!, of: name };
      sizes.set(size, first);
      if (first.size === tensor.dims[axis]) continue;
      throw new UsageError(
        `${label} is [${tensor.dims.join(", ")}]: axis ${axis} is "${size}", which is ${first.size} in "${first.of}".`,
      );
    }
  }
  return countExamples(inputs, given, where);
}

function countExamples(inputs: readonly ValueInfo[], given: Feeds, where: string): number {
  const counts = inputs.map(({ name }) => ({ name, count: given.get(name)!.dims[0] }));
  const [first] = counts;
  const scalar = counts.find(({ count }) => count === undefined);
  if (first === undefined || scalar !== undefined) {
    throw new UsageError(
      scalar === undefined
        ? "The model has no inputs: there is nothing that examples could be given to."
        : `The input "${scalar.name}" of the model is one number, not one for each example. Export the model with it as a constant.`,
    );
  }
  const other = counts.find(({ count }) => count !== first.count);
  if (other === undefined) return first.count!;
  throw new UsageError(
    `${where} has ${first.count} examples in "${first.name}" and ${other.count} in "${other.name}". ` +
      "The first axis of every input counts the examples.",
  );
}

/**
 * Checks that a value is a tensor whose data has the class of its element type and as many values as
 * its dims say.
 *
 * @throws UsageError
 */
export function checkTensor(given: unknown, label: string): asserts given is Tensor {
  const fields = typeof given === "object" ? (given as Partial<Tensor> | null) : undefined;
  const { dtype, dims, data } = fields ?? {};
  const expected = CLASSES.get(String(dtype));
  if (expected === undefined || !isSizes(dims)) {
    throw new UsageError(
      `${label} is not a tensor. Expected { dtype, dims, data }, such as ` +
        '{ dtype: "float32", dims: [2, 3], data: new Float32Array(6) }.',
    );
  }
  const found = classOf(data);
  if (found !== expected) {
    throw new UsageError(
      `${label} is ${dtype}, whose values are in a ${expected}, and was given a ${found}.`,
    );
  }
  const values = elementCount(dims);
  if (data!.length === values) return;
  throw new UsageError(
    `${label} has dims [${dims.join(", ")}], ${values} values, and was given ${data!.length}.`,
  );
}

/** `Float32Array`, whichever realm it is from. */
function classOf(data: unknown): string {
  return Object.prototype.toString.call(data).slice("[object ".length, -1);
}

function isSizes(dims: unknown): dims is readonly number[] {
  return Array.isArray(dims) && dims.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/**
 * One NaN makes the loss of its whole batch NaN. Infinite inputs are left alone: masks of attention
 * hold them.
 *
 * @throws UsageError that says where the first one is.
 */
export function refuseNaN({ data, dims }: Tensor, label: string): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  const at = data.findIndex((value) => Number.isNaN(value));
  if (at < 0) return;
  const row = Math.floor(at / (data.length / dims[0]!));
  throw new UsageError(
    `${label} holds NaN, first in example ${row}. Fill in or leave out what is missing.`,
  );
}
