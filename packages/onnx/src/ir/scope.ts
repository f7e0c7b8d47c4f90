import type { Graph, Node } from "./graph.js";

const NONE: readonly Graph[] = [];

/** The graphs in a node's attributes: the branches of `If`, the body of `Loop` or `Scan`. */
export function subgraphsOf(node: Node): readonly Graph[] {
  if (node.attributes.size === 0) return NONE;
  const subgraphs: Graph[] = [];
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === "graph") subgraphs.push(attribute.value);
    if (attribute.kind === "graphs") for (const graph of attribute.value) subgraphs.push(graph);
  }
  return subgraphs;
}

/** Lists of inputs up to this length are compared name by name. */
const SHORT = 8;

/** Every value that a node needs, each once: its inputs and what its subgraphs take from the outer graph. */
export function readsOf(node: Node): readonly string[] {
  const { inputs } = node;
  const subgraphs = subgraphsOf(node);
  const isPlain = (name: string, index: number): boolean =>
    name !== "" && inputs.indexOf(name) === index;
  // Passes ask for every node, and most lists need no copy.
  if (subgraphs.length === 0 && inputs.length <= SHORT && inputs.every(isPlain)) return inputs;
  const names = new Set(inputs);
  names.delete("");
  for (const subgraph of subgraphs) for (const name of capturedBy(subgraph)) names.add(name);
  return [...names];
}

/** Whether a graph or one of its subgraphs has a node for which the test holds. */
export function someNode(graph: Graph, test: (node: Node) => boolean): boolean {
  return graph.nodes.some(
    (node) => test(node) || subgraphsOf(node).some((subgraph) => someNode(subgraph, test)),
  );
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

/** The node that computes each value. */
export function producersOf(nodes: readonly Node[]): Map<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of nodes) for (const output of node.outputs) producers.set(output, node);
  return producers;
}

/** The nodes that read each value, in order. */
export function readersOf(nodes: readonly Node[]): Map<string, Node[]> {
  const readers = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const name of readsOf(node)) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  return readers;
}
