import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type TypeProto,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { OnnxError } from "../errors.js";
import type { Attribute, Dim, Graph, Node, TensorType } from "../ir/graph.js";
import { dataTypeCodes } from "../ir/tensor/data-type-codes.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { int64OfNumber } from "../ir/tensor/tensor-data.js";
import { unreadData } from "../ir/tensor/unread-tensor.js";
import { encodeText } from "./context.js";

import { pack4 } from "./int4.js";

/** A graph with its initializers in it, as subgraphs need it. */
export function encodeGraph(graph: Graph): GraphProto {
  const proto = encodeGraphStructure(graph);
  for (const [name, tensor] of graph.initializers)
    proto.initializer.push(encodeTensor(tensor, name));
  return proto;
}

/** Everything of a graph but its initializers. */
export function encodeGraphStructure(graph: Graph): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    node: graph.nodes.map(encodeNode),
    input: graph.inputs.map(({ name, type }) => encodeValueInfo(name, type)),
    output: graph.outputs.map(({ name, type }) => encodeValueInfo(name, type)),
    valueInfo: Array.from(graph.valueTypes, ([name, type]) => encodeValueInfo(name, type)),
  });
}

/** A string map as protobuf entries. */
export function encodeEntries(entries: ReadonlyMap<string, string>): StringStringEntryProto[] {
  return Array.from(entries, ([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
}

function encodeTensor(tensor: Tensor, name?: string): TensorProto {
  const proto = encodeTensorHead(tensor, name);
  if (tensor.dtype !== "string") proto.rawData = Uint8Array.from(rawBytesOf(tensor));
  return proto;
}

/** A tensor without its raw data; the elements of a string tensor, which has none, are in it. */
export function encodeTensorHead(tensor: Tensor, name?: string): TensorProto {
  return create(TensorProtoSchema, {
    ...(name !== undefined && { name }),
    dims: tensor.dims.map(int64OfNumber),
    dataType: dataTypeCodes[tensor.dtype],
    ...(tensor.dtype === "string" && { stringData: tensor.data.map(encodeText) }),
  });
}

/** The elements as little-endian bytes: a view of the tensor's data, except for packed 4-bit types. */
export function rawBytesOf(tensor: Exclude<Tensor, { dtype: "string" }>): Uint8Array {
  const unread = unreadData(tensor);
  if (unread !== undefined) return unread;
  if (tensor.dtype === "int4" || tensor.dtype === "uint4") return pack4(tensor.data);
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

function encodeValueInfo(name: string, type: TensorType): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    ...(type.dtype !== "undefined" && { type: encodeType(type) }),
  });
}

function encodeType({ dtype, shape }: TensorType): TypeProto {
  const value = {
    elemType: dataTypeCodes[dtype],
    ...(shape && { shape: { dim: shape.map((dim) => ({ value: encodeDim(dim) })) } }),
  };
  return create(TypeProtoSchema, { value: { case: "tensorType", value } });
}

type DimValue =
  | { case: "dimValue"; value: bigint }
  | { case: "dimParam"; value: string }
  | { case: undefined };

function encodeDim(dim: Dim): DimValue {
  if (dim === null) return { case: undefined };
  if (typeof dim === "string") return { case: "dimParam", value: dim };
  return { case: "dimValue", value: int64OfNumber(dim) };
}

function encodeNode(node: Node): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Array.from(node.attributes, ([name, value]) => encodeAttribute(name, value)),
    metadataProps: encodeEntries(node.metadata),
  });
}

function encodeAttribute(name: string, attribute: Attribute): AttributeProto {
  const proto = create(AttributeProtoSchema, encodeAttributeValue(attribute));
  proto.name = name;
  return proto;
}

function encodeAttributeValue(attribute: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  switch (attribute.kind) {
    case "int":
      return { type: AttributeType.INT, i: int64OfNumber(attribute.value) };
    case "float":
      return { type: AttributeType.FLOAT, f: toFloat32(attribute.value) };
    case "string":
      return { type: AttributeType.STRING, s: encodeText(attribute.value) };
    case "tensor":
      return { type: AttributeType.TENSOR, t: encodeTensor(attribute.value) };
    case "graph":
      return { type: AttributeType.GRAPH, g: encodeGraph(attribute.value) };
    case "ints":
      return { type: AttributeType.INTS, ints: attribute.value.map(int64OfNumber) };
    case "floats":
      return { type: AttributeType.FLOATS, floats: attribute.value.map(toFloat32) };
    case "strings":
      return { type: AttributeType.STRINGS, strings: attribute.value.map(encodeText) };
    case "tensors":
      return {
        type: AttributeType.TENSORS,
        tensors: attribute.value.map((tensor) => encodeTensor(tensor)),
      };
    case "graphs":
      return { type: AttributeType.GRAPHS, graphs: attribute.value.map(encodeGraph) };
  }
}

function toFloat32(value: number): number {
  const rounded = Math.fround(value);
  if (Number.isFinite(value) && !Number.isFinite(rounded)) {
    throw new OnnxError("onnx/invalid-graph", `${value} is too large for a float attribute.`);
  }
  return rounded;
}
