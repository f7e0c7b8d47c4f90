import { OnnxError } from "../errors.js";
import type { Attribute, Node } from "./graph.js";

/** AttributeKind of an attribute. */
export type AttributeKind = Attribute["kind"];
/** What an attribute of a kind holds. */
export type AttributeValue<K extends AttributeKind> = Extract<Attribute, { kind: K }>["value"];

/**
 * Reads one attribute of a node. Returns `fallback` (`undefined` when left out) where the node does
 * not have the attribute.
 *
 * @throws OnnxError `onnx/invalid-graph` when the attribute is there with another kind.
 */
export type AttributeReader<K extends AttributeKind> = <Fallback = undefined>(
  node: Node,
  name: string,
  fallback?: Fallback,
) => AttributeValue<K> | Fallback;

function readerOf<K extends AttributeKind>(kind: K): AttributeReader<K> {
  return <Fallback>(node: Node, name: string, fallback?: Fallback) => {
    const attribute = node.attributes.get(name);
    // A caller who leaves the fallback out has Fallback = undefined.
    if (attribute === undefined) return fallback as Fallback;
    if (attribute.kind === kind) return attribute.value as AttributeValue<K>;
    throw new OnnxError(
      "onnx/invalid-graph",
      `Attribute "${name}" of ${describeNode(node)} has kind ${attribute.kind}, expected ${kind}.`,
      { subject: node.name },
    );
  };
}

/** The node as error messages name it: operator, name where it has one, and first output. */
export function describeNode(node: Node): string {
  const operator = node.domain === "" ? node.opType : `${node.domain}.${node.opType}`;
  const label = node.name === "" ? node.outputs.find((output) => output !== "") : node.name;
  return label === undefined ? `node ${operator}` : `node ${operator} "${label}"`;
}

/** Reads an integer attribute: `intAttribute(node, "axis", 0)`. */
export const intAttribute: AttributeReader<"int"> = readerOf("int");
/** Reads a float attribute: `floatAttribute(node, "epsilon", 1e-5)`. */
export const floatAttribute: AttributeReader<"float"> = readerOf("float");
/** Reads a string attribute: `stringAttribute(node, "auto_pad", "NOTSET")`. */
export const stringAttribute: AttributeReader<"string"> = readerOf("string");
/** Reads a tensor attribute, such as the `value` of `Constant`. */
export const tensorAttribute: AttributeReader<"tensor"> = readerOf("tensor");
/** Reads a subgraph attribute, such as the `then_branch` of `If`. */
export const graphAttribute: AttributeReader<"graph"> = readerOf("graph");
/** Reads a list of integers: `intsAttribute(node, "perm")`. */
export const intsAttribute: AttributeReader<"ints"> = readerOf("ints");
/** Reads a list of floats. */
export const floatsAttribute: AttributeReader<"floats"> = readerOf("floats");
/** Reads a list of strings. */
export const stringsAttribute: AttributeReader<"strings"> = readerOf("strings");
