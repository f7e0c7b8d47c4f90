import { mapSubgraphs } from "../infer/subgraphs.js";
import { toFloat32 } from "../ir/convert.js";
import { dataTypeCodes } from "../ir/data-type-codes.js";
import type { Attribute, Graph, Model, Node, TensorType, ValueInfo } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";

/** Attributes that hold an element type by its ONNX code. */
const typeAttributes: ReadonlySet<string> = new Set([
  "to",
  "dtype",
  "output_dtype",
  "stash_type",
  "softmax_precision",
]);

const narrowCodes: readonly number[] = [dataTypeCodes.float16, dataTypeCodes.bfloat16];

/**
 * Turns a float16 or bfloat16 model into a float32 one: weights, constants, declared types, casts, and
 * also the inputs and outputs of the model. Training needs the range of float32, and runtimes on a CPU
 * compute in float32 anyway.
 */
export function widenFloats(model: Model): Model {
  return { ...model, graph: widenGraph(model.graph) };
}

function widenGraph(graph: Graph): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map(widenNode),
    inputs: graph.inputs.map(widenInfo),
    outputs: graph.outputs.map(widenInfo),
    initializers: mapValues(graph.initializers, widenTensor),
    valueTypes: mapValues(graph.valueTypes, widenType),
  };
}

function widenNode(node: Node): Node {
  const { attributes } = mapSubgraphs(node, widenGraph);
  return { ...node, attributes: mapValues(attributes, widenAttribute) };
}

function widenAttribute(attribute: Attribute, name: string): Attribute {
  if (attribute.kind === "tensor") return { kind: "tensor", value: widenTensor(attribute.value) };
  const isNarrow = attribute.kind === "int" && narrowCodes.includes(attribute.value);
  return isNarrow && typeAttributes.has(name)
    ? { kind: "int", value: dataTypeCodes.float32 }
    : attribute;
}

function widenTensor(tensor: Tensor): Tensor {
  return toFloat32(tensor) ?? tensor;
}

function widenInfo(info: ValueInfo): ValueInfo {
  return { ...info, type: widenType(info.type) };
}

function widenType(type: TensorType): TensorType {
  const isNarrow = type.dtype === "float16" || type.dtype === "bfloat16";
  return isNarrow ? { ...type, dtype: "float32" } : type;
}

function mapValues<V>(
  map: ReadonlyMap<string, V>,
  transform: (value: V, name: string) => V,
): Map<string, V> {
  return new Map(Array.from(map, ([name, value]) => [name, transform(value, name)]));
}
