import type { Graph, Node } from "../ir/graph.js";
import { subgraphsOf } from "../ir/scope.js";

/** The node with each of its subgraphs (branches of `If`, bodies of loops) transformed; itself if none changes. */
export function mapSubgraphs(node: Node, transform: (subgraph: Graph) => Graph): Node {
  const subgraphs = subgraphsOf(node);
  if (subgraphs.length === 0) return node;
  const transformed = new Map(subgraphs.map((subgraph) => [subgraph, transform(subgraph)]));
  if (subgraphs.every((subgraph) => transformed.get(subgraph) === subgraph)) return node;
  const attributes = new Map(node.attributes);
  for (const [name, attribute] of attributes) {
    if (attribute.kind === "graph") {
      attributes.set(name, { kind: "graph", value: transformed.get(attribute.value)! });
    } else if (attribute.kind === "graphs") {
      const value = attribute.value.map((subgraph) => transformed.get(subgraph)!);
      attributes.set(name, { kind: "graphs", value });
    }
  }
  return { ...node, attributes };
}
