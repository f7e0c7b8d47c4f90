import type { Graph, Node } from "../ir/graph.js";
import { definitionsOf, readsOf } from "../ir/scope.js";

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
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output !== "") producers.set(output, node);
    }
  }
  const needed = new Set(graph.outputs.map((output) => output.name));
  const live = new Set<Node>();
  // A Set is iterated in insertion order and includes what is added on the way.
  for (const name of needed) {
    const producer = producers.get(name);
    if (producer === undefined || live.has(producer)) continue;
    live.add(producer);
    for (const read of readsOf(producer)) needed.add(read);
  }
  return { needed, nodes: graph.nodes.filter((node) => live.has(node)) };
}
