import type { Graph, Node } from "../../ir/graph.js";
import { definitionsOf, readsOf } from "../../ir/scope.js";

/**
 * Drops the nodes, initializers and value types that no output needs. The inputs stay, because
 * they are the graph's signature.
 */
export function prune(graph: Graph): Graph {
  const { needed, nodes } = trace(graph);
  const isSame =
    nodes.length === graph.nodes.length &&
    [...graph.initializers.keys()].every((name) => needed.has(name));
  if (isSame) return graph;
  const kept = { ...graph, nodes };
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  const defined = definitionsOf({ ...kept, initializers });
  const valueTypes = new Map([...graph.valueTypes].filter(([name]) => defined.has(name)));
  return { ...kept, initializers, valueTypes };
}

/** The nodes that the outputs need, in order, and every value that is read on the way. */
function trace(graph: Graph): { needed: Set<string>; nodes: Node[] } {
  const needed = new Set(graph.outputs.map((output) => output.name));
  const nodes: Node[] = [];
  // Nodes are in topological order: every reader of a value is met before the node that computes it.
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index]!;
    if (!node.outputs.some((output) => output !== "" && needed.has(output))) continue;
    nodes.push(node);
    for (const read of readsOf(node)) needed.add(read);
  }
  return { needed, nodes: nodes.reverse() };
}
