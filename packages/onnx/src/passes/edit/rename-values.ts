import { mapSubgraphs } from "../../infer/subgraphs.js";
import type { Graph, Node } from "../../ir/graph.js";

/**
 * Renames values everywhere in a graph and its subgraphs. Names that are not in `renames` stay. The
 * caller sees to it that the new names are not taken.
 */
export function renameValues(graph: Graph, renames: ReadonlyMap<string, string>): Graph {
  if (renames.size === 0) return graph;
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
  const { inputs, outputs } = node;
  const renamed = mapSubgraphs(node, (graph) => renameValues(graph, renames));
  if (![...inputs, ...outputs].some((name) => renames.has(name))) return renamed;
  return { ...renamed, inputs: inputs.map(rename), outputs: outputs.map(rename) };
}
