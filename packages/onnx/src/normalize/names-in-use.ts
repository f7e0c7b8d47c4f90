import type { Graph } from "../ir/graph.js";
import { allNames, subgraphsOf } from "../ir/scope.js";

/** The names of all values and nodes of a graph and its subgraphs. Runtimes want both to be unique. */
export function namesInUse(graph: Graph): Set<string> {
  const names = allNames(graph);
  addNodeNames(graph, names);
  return names;
}

function addNodeNames(graph: Graph, names: Set<string>): void {
  for (const node of graph.nodes) {
    if (node.name !== "") names.add(node.name);
    for (const subgraph of subgraphsOf(node)) addNodeNames(subgraph, names);
  }
}
