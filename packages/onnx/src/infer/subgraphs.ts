import type { Graph, Node } from "../ir/graph.js";
import { subgraphsOf } from "../ir/scope.js";

/** The node with each of its subgraphs (branches of `If`, bodies of loops) transformed. */
export function mapSubgraphs(node: Node, transform: (subgraph: Graph) => Graph): Node {
  if (subgraphsOf(node).length === 0) return node;
  const attributes = new Map(node.attributes);
  for (const [name, attribute] of attributes) {
    if (attribute.kind === "graph") {
      attributes.set(name, { kind: "graph", value: transform(attribute.value) });
    } else if (attribute.kind === "graphs") {
      attributes.set(name, { kind: "graphs", value: attribute.value.map(transform) });
    }
  }
  return { ...node, attributes };
}
