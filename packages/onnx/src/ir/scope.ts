import type { Graph, Node } from "./graph.js";

/** The graphs in a node's attributes: the branches of `If`, the body of `Loop` or `Scan`. */
export function subgraphsOf(node: Node): Graph[] {
  const subgraphs: Graph[] = [];
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === "graph") subgraphs.push(attribute.value);
    if (attribute.kind === "graphs") for (const graph of attribute.value) subgraphs.push(graph);
  }
  return subgraphs;
}

/** Every value that a node needs: its inputs and what its subgraphs take from the outer graph. */
export function readsOf(node: Node): Set<string> {
  const names = new Set(node.inputs);
  names.delete("");
  for (const subgraph of subgraphsOf(node)) {
    for (const name of capturedBy(subgraph)) names.add(name);
  }
  return names;
}

/** The values that a subgraph uses and does not define itself. */
export function capturedBy(graph: Graph): Set<string> {
  const captured = new Set(graph.outputs.map((output) => output.name));
  for (const node of graph.nodes) {
    for (const name of readsOf(node)) captured.add(name);
  }
  for (const name of definitionsOf(graph)) captured.delete(name);
  return captured;
}

/** The values that a graph itself defines: inputs, initializers and node outputs. */
export function definitionsOf(graph: Graph): Set<string> {
  const names = new Set(graph.inputs.map((input) => input.name));
  for (const name of graph.initializers.keys()) names.add(name);
  for (const node of graph.nodes) {
    for (const name of node.outputs) names.add(name);
  }
  names.delete("");
  return names;
}

/** Every value name in a graph and its subgraphs. ONNX wants a new name to differ from all of them. */
export function allNames(graph: Graph): Set<string> {
  const names = definitionsOf(graph);
  for (const node of graph.nodes) {
    for (const subgraph of subgraphsOf(node)) {
      for (const name of allNames(subgraph)) names.add(name);
    }
  }
  return names;
}

/** The domains whose operators a graph and its subgraphs use. */
export function domainsOf(graph: Graph): Set<string> {
  const domains = new Set<string>();
  for (const node of graph.nodes) {
    domains.add(node.domain);
    for (const subgraph of subgraphsOf(node)) {
      for (const domain of domainsOf(subgraph)) domains.add(domain);
    }
  }
  return domains;
}
