import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type NodeProto,
  type StringStringEntryProto,
  type TensorProto,
  type TensorShapeProto,
  type TypeProto,
  type ValueInfoProto,
} from "onnx-buf";
import { describeNode } from "../ir/attributes.js";
import type { Attribute, Dim, Graph, Node, Shape, TensorType, ValueInfo } from "../ir/graph.js";
import { dataTypeCodes, dataTypeOfCode } from "../ir/tensor/data-type-codes.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { numberOfInt64 } from "../ir/tensor/tensor-data.js";
import { type DecodeContext, decodeText, malformed } from "./context.js";
import { describeDataType } from "./data-types.js";
import { decodeTensor } from "./decode-tensor.js";

/** The type of what a subgraph takes or gives where the file does not state it. */
const UNTYPED: TensorType = { dtype: "undefined", shape: undefined };

/** How strict a graph is about the types of its inputs and outputs. */
type Level = "main" | "subgraph";

/**
 * Reads a graph and, through its nodes' attributes, its subgraphs. What goes in and out of a subgraph
 * needs no type in the file: it follows from the graph around it.
 */
export function decodeGraph(
  proto: GraphProto,
  context: DecodeContext,
  level: Level = "main",
): Graph {
  for (const sparse of proto.sparseInitializer) {
    context.unsupported(`initializer "${sparse.values?.name ?? ""}" is sparse`);
  }
  const initializers = new Map<string, Tensor>();
  for (const tensor of proto.initializer) {
    const decoded = decodeTensor(tensor, `initializer "${tensor.name}"`, context);
    if (decoded !== undefined) initializers.set(tensor.name, decoded);
  }
  const inputs = proto.input.filter(({ name }) => !initializers.has(name));
  const zipped = level === "main" ? new Map(proto.node.flatMap(zippedValue)) : new Map();
  return {
    name: proto.name,
    nodes: (zipped.size === 0
      ? proto.node
      : proto.node.filter(({ output }) => !zipped.has(output[0]))
    ).map((node) => decodeNode(node, context)),
    inputs: decodeValueInfos(inputs, "input", context, level),
    outputs: decodeValueInfos(proto.output, "output", context, level, zipped),
    initializers,
    valueTypes: decodeValueTypes(proto.valueInfo, context),
  };
}

/** Entries of a string map; the last of equal keys wins. */
export function decodeEntries(entries: readonly StringStringEntryProto[]): Map<string, string> {
  return new Map(entries.map(({ key, value }) => [key, value]));
}

/** The ONNX domain has two spellings; the IR uses the empty one. */
export function decodeDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

function decodeValueInfos(
  protos: readonly ValueInfoProto[],
  role: string,
  context: DecodeContext,
  level: Level,
  zipped: ReadonlyMap<string, string> = new Map(),
): ValueInfo[] {
  const values: ValueInfo[] = [];
  for (const { name, type: proto } of protos) {
    const source = zipped.get(name);
    if (source !== undefined) {
      const isThere = protos.some((other) => other.name === source);
      if (!isThere) values.push({ name: source, type: { dtype: "float32", shape: undefined } });
      continue;
    }
    const type = decodeType(proto, `${role} "${name}"`, context);
    if (type !== undefined) values.push({ name, type });
    else if (level === "subgraph") values.push({ name, type: UNTYPED });
    else context.unsupported(`${role} "${name}" ${describeKind(proto)}`);
  }
  return values;
}

/** What a `ZipMap` names by its labels: a tensor of floats, one column for each. */
function zippedValue({ domain, opType, input, output }: NodeProto): [string, string][] {
  const [source, zipped] = [input[0], output[0]];
  if (domain !== "ai.onnx.ml" || opType !== "ZipMap" || !source || !zipped) return [];
  return [[zipped, source]];
}

function describeKind(type: TypeProto | undefined): string {
  const kind = type?.value.case?.replace("Type", "");
  return kind === undefined ? "has no type" : `is of ${kind} type, not a tensor`;
}

function decodeValueTypes(
  protos: readonly ValueInfoProto[],
  context: DecodeContext,
): Map<string, TensorType> {
  const types = new Map<string, TensorType>();
  for (const { name, type: proto } of protos) {
    const type = decodeType(proto, `value "${name}"`, context);
    if (type !== undefined) types.set(name, type);
  }
  return types;
}

/** Undefined for what has no type, and for sequences, maps and optional values. */
function decodeType(
  type: TypeProto | undefined,
  where: string,
  context: DecodeContext,
): TensorType | undefined {
  if (type?.value.case !== "tensorType") return undefined;
  const { elemType, shape } = type.value.value;
  if (elemType === dataTypeCodes.undefined) return undefined;
  const dtype = dataTypeOfCode(elemType);
  if (dtype === undefined) {
    return context.unsupported(`${where} has element type ${describeDataType(elemType)}`);
  }
  return { dtype, shape: shape && decodeShape(shape) };
}

function decodeShape(proto: TensorShapeProto): Shape {
  return proto.dim.map(({ value }): Dim => {
    if (value.case === "dimParam") return value.value === "" ? null : value.value;
    // Some exporters write -1 for an unknown size.
    if (value.case === undefined || value.value < 0n) return null;
    return numberOfInt64(value.value);
  });
}

/** Most nodes have no metadata, and many no attributes. */
const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();

function decodeNode(proto: NodeProto, context: DecodeContext): Node {
  const attributes = new Map<string, Attribute>();
  const node: Node = {
    name: proto.name,
    opType: context.shared(proto.opType),
    domain: decodeDomain(context.shared(proto.domain)),
    inputs: proto.input.map(context.shared),
    outputs: proto.output.map(context.shared),
    attributes: proto.attribute.length === 0 ? NOTHING : attributes,
    metadata: proto.metadataProps.length === 0 ? NOTHING : decodeEntries(proto.metadataProps),
  };
  for (const attribute of proto.attribute) {
    const where = `attribute "${attribute.name}" of ${describeNode(node)}`;
    const decoded = decodeAttribute(attribute, where, context);
    if (decoded !== undefined) attributes.set(attribute.name, decoded);
  }
  return node;
}

function decodeAttribute(
  proto: AttributeProto,
  where: string,
  context: DecodeContext,
): Attribute | undefined {
  switch (proto.type) {
    case AttributeType.INT:
      return { kind: "int", value: numberOfInt64(proto.i) };
    case AttributeType.FLOAT:
      return { kind: "float", value: proto.f };
    case AttributeType.STRING:
      return { kind: "string", value: decodeText(proto.s, where, context) };
    case AttributeType.TENSOR: {
      const value = decodeTensor(required(proto.t, where), where, context);
      return value && { kind: "tensor", value };
    }
    case AttributeType.GRAPH:
      return { kind: "graph", value: decodeGraph(required(proto.g, where), context, "subgraph") };
    case AttributeType.INTS:
      return { kind: "ints", value: proto.ints.map(numberOfInt64) };
    case AttributeType.FLOATS:
      return { kind: "floats", value: proto.floats };
    case AttributeType.STRINGS: {
      const value = proto.strings.map((bytes) => decodeText(bytes, where, context));
      return { kind: "strings", value };
    }
    case AttributeType.TENSORS:
      return { kind: "tensors", value: decodeTensors(proto.tensors, where, context) };
    case AttributeType.GRAPHS:
      return {
        kind: "graphs",
        value: proto.graphs.map((graph) => decodeGraph(graph, context, "subgraph")),
      };
    case AttributeType.SPARSE_TENSOR:
    case AttributeType.SPARSE_TENSORS:
      return context.unsupported(`${where} is a sparse tensor`);
    case AttributeType.TYPE_PROTO:
    case AttributeType.TYPE_PROTOS:
      return context.unsupported(`${where} is a type`);
    case AttributeType.UNDEFINED:
      break;
  }
  throw malformed(`${where} has no known kind.`);
}

function required<T>(value: T | undefined, where: string): T {
  if (value === undefined) throw malformed(`${where} has no value.`);
  return value;
}

function decodeTensors(
  protos: readonly TensorProto[],
  where: string,
  context: DecodeContext,
): Tensor[] {
  return protos
    .map((tensor) => decodeTensor(tensor, where, context))
    .filter((tensor) => tensor !== undefined);
}
