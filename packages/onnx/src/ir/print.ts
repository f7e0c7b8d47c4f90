import type { Attribute, Graph, Node, TensorType } from "./graph.js";
import type { Tensor } from "./tensor/tensor.js";
import { numbersOf } from "./tensor/tensor-data.js";

/** Tensors up to this many elements are printed with their values. */
const MAX_PRINTED_ELEMENTS = 8;

/**
 * A graph as text, one line per initializer and node, for tests and for reading. The form is stable:
 *
 * ```
 * graph main(x: float32[batch, 2]) -> (y: float32[batch, 1])
 *   w: float32[2, 1] = [0.5, -1]
 *   y = Gemm(x, w) {alpha: 2}
 * ```
 */
export function printGraph(graph: Graph, indent = ""): string {
  const inputs = graph.inputs.map(({ name, type }) => `${name}: ${printType(type)}`).join(", ");
  const outputs = graph.outputs.map(({ name, type }) => `${name}: ${printType(type)}`).join(", ");
  const inner = `${indent}  `;
  const initializers = Array.from(graph.initializers, ([name, tensor]) => {
    return `${inner}${name}: ${printTensor(tensor)}`;
  });
  const nodes = graph.nodes.map((node) => `${inner}${printNode(node, inner)}`);
  const head = `graph ${graph.name}(${inputs}) -> (${outputs})`;
  return [head, ...initializers, ...nodes].join("\n");
}

/** An element type with its shape: `float32[batch, 384]`; `?` for what is unknown. */
export function printType({ dtype, shape }: TensorType): string {
  return shape === undefined
    ? `${dtype}[?..]`
    : `${dtype}[${shape.map((dim) => dim ?? "?").join(", ")}]`;
}

function printNode(node: Node, indent: string): string {
  const operator = node.domain === "" ? node.opType : `${node.domain}.${node.opType}`;
  const call = `${printNames(node.outputs)} = ${operator}(${printNames(node.inputs)})`;
  const attributes = Array.from(node.attributes, ([name, attribute]) => {
    return `${name}: ${printAttribute(attribute, indent)}`;
  });
  return attributes.length === 0 ? call : `${call} {${attributes.join(", ")}}`;
}

/** `_` stands for an optional input or output that is left out. */
function printNames(names: readonly string[]): string {
  return names.map((name) => name || "_").join(", ");
}

function printAttribute(attribute: Attribute, indent: string): string {
  switch (attribute.kind) {
    case "int":
    case "float":
      return String(attribute.value);
    case "ints":
    case "floats":
      return `[${attribute.value.join(", ")}]`;
    case "string":
    case "strings":
      return JSON.stringify(attribute.value);
    case "tensor":
      return printTensor(attribute.value);
    case "tensors":
      return `[${attribute.value.map(printTensor).join(", ")}]`;
    case "graph":
      return printGraph(attribute.value, indent);
    case "graphs":
      return `[${attribute.value.map((graph) => printGraph(graph, indent)).join(", ")}]`;
  }
}

function printTensor(tensor: Tensor): string {
  const type = printType({ dtype: tensor.dtype, shape: tensor.dims });
  if (tensor.data.length > MAX_PRINTED_ELEMENTS) return type;
  return `${type} = [${printedValues(tensor).join(", ")}]`;
}

function printedValues(tensor: Tensor): string[] {
  if (tensor.dtype === "string") return tensor.data.map((text) => JSON.stringify(text));
  if (tensor.dtype === "int64" || tensor.dtype === "uint64") {
    return Array.from(tensor.data, String);
  }
  return numbersOf(tensor).map(String);
}
