import { mapSubgraphs } from "../../infer/subgraphs.js";
import type { Graph, Node } from "../../ir/graph.js";
import { isSameList } from "../../ir/same.js";
import { someNode } from "../../ir/scope.js";
import { renameValues } from "../edit/rename-values.js";

/**
 * Removes `Identity` nodes, here and in subgraphs. Graph outputs keep their names: there the value
 * that was passed on takes the name of the output. An `Identity` between an input or initializer and
 * an output, or between two outputs, stays.
 */
export function removeIdentities(graph: Graph): Graph {
  if (!someNode(graph, isIdentity)) return graph;
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const computed = new Set<string>();
  const renames = new Map<string, string>();
  // A name leads to a computed value, which may have taken the name of an output: two steps at most.
  const resolve = (name: string): string => {
    const source = renames.get(name) ?? name;
    return renames.get(source) ?? source;
  };
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const [input = ""] = node.inputs;
    const [output = ""] = node.outputs;
    const source = resolve(input);
    if (isIdentity(node)) {
      if (!outputs.has(output)) {
        renames.set(output, source);
        continue;
      }
      if (computed.has(source) && !outputs.has(source)) {
        renames.set(source, output);
        computed.add(output);
        continue;
      }
    }
    for (const name of node.outputs) computed.add(name);
    nodes.push(mapSubgraphs(node, removeIdentities));
  }
  if (renames.size === 0 && isSameList(graph.nodes, nodes)) return graph;
  const resolved = new Map(Array.from(renames.keys(), (name) => [name, resolve(name)]));
  return renameValues({ ...graph, nodes }, resolved);
}

function isIdentity({ domain, opType }: Node): boolean {
  return domain === "" && opType === "Identity";
}
