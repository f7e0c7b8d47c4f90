import fc from "fast-check";
import { createGraph, createModel } from "../src/ir/build.js";
import type { Attribute, Dim, Graph, Model, Node, TensorType } from "../src/ir/graph.js";
import type { DataOf, StoredType, Tensor } from "../src/ir/tensor/tensor.js";
import { createTensor, elementCount } from "../src/ir/tensor/tensor-data.js";

type Length = { readonly minLength: number; readonly maxLength: number };

/** Data of every element type; bool and 4-bit values stay in their range. */
const dataOf: { readonly [T in StoredType]: (length: Length) => fc.Arbitrary<DataOf[T]> } = {
  float32: (length) => fc.float32Array(length),
  float64: (length) => fc.float64Array(length),
  float16: (length) => fc.uint16Array(length),
  bfloat16: (length) => fc.uint16Array(length),
  int8: (length) => fc.int8Array(length),
  uint8: (length) => fc.uint8Array(length),
  int16: (length) => fc.int16Array(length),
  uint16: (length) => fc.uint16Array(length),
  int32: (length) => fc.int32Array(length),
  uint32: (length) => fc.uint32Array(length),
  int64: (length) => fc.bigInt64Array(length),
  uint64: (length) => fc.bigUint64Array(length),
  bool: (length) => fc.uint8Array({ ...length, max: 1 }),
  string: (length) => fc.array(fc.string({ unit: "grapheme" }), length),
  int4: (length) => fc.int8Array({ ...length, min: -8, max: 7 }),
  uint4: (length) => fc.uint8Array({ ...length, max: 15 }),
};

export const dataTypes: readonly StoredType[] = Object.keys(dataOf) as StoredType[];

export function arbitraryTensor<T extends StoredType>(dtype: T): fc.Arbitrary<Tensor<T>> {
  return fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((dims) => {
    const length = elementCount(dims);
    return dataOf[dtype]({ minLength: length, maxLength: length }).map((data) =>
      createTensor(dtype, dims, data),
    );
  });
}

const anyTensor: fc.Arbitrary<Tensor> = fc
  .constantFrom(...dataTypes)
  .chain((dtype) => arbitraryTensor<StoredType>(dtype));
const name: fc.Arbitrary<string> = fc.string({ unit: "grapheme", minLength: 1 });
const text: fc.Arbitrary<string> = fc.string({ unit: "grapheme" });
const integer: fc.Arbitrary<number> = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(2 ** 63, -(2 ** 63)),
);
const dim: fc.Arbitrary<Dim> = fc.oneof(fc.nat(), name, fc.constant(null));
const type: fc.Arbitrary<TensorType> = fc.record({
  dtype: fc.constantFrom(...dataTypes),
  shape: fc.option(fc.array(dim), { nil: undefined }),
});
const typed: fc.Arbitrary<[string, TensorType][]> = fc.uniqueArray(fc.tuple(name, type), {
  selector: ([key]) => key,
  maxLength: 3,
});

function attribute(depth: number): fc.Arbitrary<Attribute> {
  const flat = [
    fc.record({ kind: fc.constant("int" as const), value: integer }),
    fc.record({ kind: fc.constant("float" as const), value: fc.float() }),
    fc.record({ kind: fc.constant("string" as const), value: text }),
    fc.record({ kind: fc.constant("tensor" as const), value: anyTensor }),
    fc.record({ kind: fc.constant("ints" as const), value: fc.array(integer) }),
    fc.record({ kind: fc.constant("floats" as const), value: fc.array(fc.float()) }),
    fc.record({ kind: fc.constant("strings" as const), value: fc.array(text) }),
    fc.record({ kind: fc.constant("tensors" as const), value: fc.array(anyTensor) }),
  ];
  if (depth === 0) return fc.oneof(...flat);
  const subgraph = graph(depth - 1);
  return fc.oneof(
    ...flat,
    fc.record({ kind: fc.constant("graph" as const), value: subgraph }),
    fc.record({
      kind: fc.constant("graphs" as const),
      value: fc.array(subgraph, { maxLength: 2 }),
    }),
  );
}

function node(depth: number): fc.Arbitrary<Node> {
  return fc.record({
    name: text,
    opType: name,
    domain: fc.constantFrom("", "com.microsoft"),
    inputs: fc.array(text),
    outputs: fc.array(text),
    attributes: fc
      .array(fc.tuple(name, attribute(depth)), { maxLength: 4 })
      .map((entries) => new Map(entries)),
    metadata: fc.array(fc.tuple(name, text), { maxLength: 2 }).map((entries) => new Map(entries)),
  });
}

/** Graphs that the format can hold; they need not make sense. */
function graph(depth: number): fc.Arbitrary<Graph> {
  return fc
    .record({
      name: text,
      nodes: fc.array(node(depth), { maxLength: 4 }),
      inputs: typed,
      outputs: typed,
      initializers: fc.array(fc.tuple(name, anyTensor), { maxLength: 3 }),
      valueTypes: typed,
    })
    .map(({ inputs, outputs, ...parts }) => {
      const initialized = new Set(parts.initializers.map(([key]) => key));
      return createGraph({
        ...parts,
        inputs: inputs
          .filter(([key]) => !initialized.has(key))
          .map(([key, value]) => ({ name: key, type: value })),
        outputs: outputs.map(([key, value]) => ({ name: key, type: value })),
      });
    });
}

export const arbitraryModel: fc.Arbitrary<Model> = fc
  .record({ graph: graph(2), irVersion: fc.integer({ min: 4, max: 13 }), opset: fc.nat(30) })
  .map((parts) =>
    createModel({
      ...parts,
      opsets: [["com.microsoft", 1]],
      metadata: [["author", "Zoë"]],
    }),
  );
