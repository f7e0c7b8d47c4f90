import type { Attribute, Graph, Node } from "../ir/graph.js";

/**
 * Renames values everywhere in a graph and its subgraphs. Names that are not in `renames` stay. The
 * caller sees to it that the new names are not taken.
 */
export function renameValues(graph: Graph, renames: ReadonlyMap<string, string>): Graph {
  const rename = (name: string): string => renames.get(name) ?? name;
  const renameKeys = <T>(map: ReadonlyMap<string, T>): Map<string, T> =>
    new Map(Array.from(map, ([name, value]) => [rename(name), value]));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameInNode(node, rename, renames)),
    inputs: graph.inputs.map((input) => ({ ...input, name: rename(input.name) })),
    outputs: graph.outputs.map((output) => ({ ...output, name: rename(output.name) })),
    initializers: renameKeys(graph.initializers),
    valueTypes: renameKeys(graph.valueTypes),
  };
}

function renameInNode(
  node: Node,
  rename: (name: string) => string,
  renames: ReadonlyMap<string, string>,
): Node {
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: new Map(
      Array.from(node.attributes, ([name, attribute]) => [
        name,
        renameInAttribute(attribute, renames),
      ]),
    ),
  };
}

function renameInAttribute(attribute: Attribute, renames: ReadonlyMap<string, string>): Attribute {
  if (attribute.kind === "graph") {
    return { kind: "graph", value: renameValues(attribute.value, renames) };
  }
  if (attribute.kind === "graphs") {
    return {
      kind: "graphs",
      value: attribute.value.map((graph) => renameValues(graph, renames)),
    };
  }
  return attribute;
}
