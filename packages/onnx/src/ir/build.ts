import type { Attribute, Graph, Model, Node, Shape, TensorType, ValueInfo } from "./graph.js";
import type { DataType, Tensor } from "./tensor/tensor.js";

/**
 * What {@link createNode} accepts for an attribute. A number or list of numbers is `int`/`ints` when
 * every value is an integer, else `float`/`floats`; write {@link float} or {@link floats} for a
 * float attribute whose value may be whole.
 */
export type AttributeInput =
  | Attribute
  | number
  | string
  | Tensor
  | Graph
  | readonly number[]
  | readonly string[];

/** A float attribute, for values that may be whole: `{ alpha: float(1) }`. */
export function float(value: number): Attribute {
  return { kind: "float", value };
}

/** A list-of-floats attribute, for values that may be whole: `{ scales: floats([1, 2]) }`. */
export function floats(value: readonly number[]): Attribute {
  return { kind: "floats", value };
}

function isNumbers(values: readonly number[] | readonly string[]): values is readonly number[] {
  return values.every((value) => typeof value === "number");
}

function toAttribute(input: AttributeInput): Attribute {
  if (typeof input === "number") {
    return { kind: Number.isInteger(input) ? "int" : "float", value: input };
  }
  if (typeof input === "string") return { kind: "string", value: input };
  if ("kind" in input) return input;
  if ("dtype" in input) return { kind: "tensor", value: input };
  if ("nodes" in input) return { kind: "graph", value: input };
  if (!isNumbers(input)) return { kind: "strings", value: input };
  return { kind: input.every(Number.isInteger) ? "ints" : "floats", value: input };
}

/**
 * A node: `createNode("Gemm", ["x", "w", "b"], ["y"], { transB: 1 })`. The domain is the ONNX one
 * and the name is empty unless given.
 */
export function createNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeInput>> = {},
  details: { readonly name?: string; readonly domain?: string } = {},
): Node {
  return {
    name: details.name ?? "",
    opType,
    domain: details.domain ?? "",
    inputs,
    outputs,
    attributes: new Map(
      Object.entries(attributes).map(([name, input]) => [name, toAttribute(input)]),
    ),
    metadata: new Map(),
  };
}

/** A graph input or output; leave `shape` out where even the rank is unknown. */
export function valueInfo(name: string, dtype: DataType, shape?: Shape): ValueInfo {
  return { name, type: { dtype, shape } };
}

/** A graph; what is left out is empty, and the name is `"graph"`. */
export function createGraph(parts: {
  readonly name?: string;
  readonly nodes: readonly Node[];
  readonly inputs?: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers?: Iterable<readonly [string, Tensor]>;
  readonly valueTypes?: Iterable<readonly [string, TensorType]>;
}): Graph {
  return {
    name: parts.name ?? "graph",
    nodes: parts.nodes,
    inputs: parts.inputs ?? [],
    outputs: parts.outputs,
    initializers: new Map(parts.initializers),
    valueTypes: new Map(parts.valueTypes),
  };
}

/**
 * A model around a graph. The default opset 17 with IR version 8 is read by every runtime since
 * 2022. `opsets` adds versions for other domains, such as `com.microsoft`.
 */
export function createModel(parts: {
  readonly graph: Graph;
  readonly opset?: number;
  readonly opsets?: Iterable<readonly [string, number]>;
  readonly irVersion?: number;
  readonly metadata?: Iterable<readonly [string, string]>;
}): Model {
  return {
    irVersion: parts.irVersion ?? 8,
    opsets: new Map([["", parts.opset ?? 17], ...(parts.opsets ?? [])]),
    producer: { name: "engraft", version: "" },
    metadata: new Map(parts.metadata),
    graph: parts.graph,
  };
}
