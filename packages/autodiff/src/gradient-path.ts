import { type Graph, type Node, readsOf, typeOfValue } from "@engraft/onnx";
import { findGradient } from "./registry.js";

/** The part of a graph through which gradients flow from the loss to the weights. */
export interface GradientPath {
  /** Nodes between the weights and the loss, in the order of the graph. */
  readonly nodes: readonly Node[];
  /** Values on the way, the weights that the loss depends on among them. */
  readonly values: ReadonlySet<string>;
}

/** Follows the weights forward and the loss backward; the path is where both meet. */
export function findGradientPath(
  graph: Graph,
  loss: string,
  weights: readonly string[],
): GradientPath {
  const dependent = dependentValues(graph, weights);
  const values = new Set<string>();
  if (dependent.has(loss)) values.add(loss);
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => values.has(output))) continue;
    const moving = movingReads(node, dependent);
    // None where the path begins at an output of the node.
    if (moving.length === 0) continue;
    nodes.push(node);
    for (const value of moving) values.add(value);
  }
  nodes.reverse();
  return { nodes, values };
}

/**
 * Floating-point values that move with the weights, other than by an operator of zero gradient. The
 * integers of an operator that is refused count too: what is rounded and scaled back moves.
 */
function dependentValues(graph: Graph, weights: readonly string[]): ReadonlySet<string> {
  const dependent = new Set(weights);
  for (const node of graph.nodes) {
    if (movingReads(node, dependent).length === 0) continue;
    const isMissing = findGradient(node)?.kind === "missing";
    for (const output of node.outputs) {
      if (output !== "" && (isMissing || mayBeFloat(graph, output))) dependent.add(output);
    }
  }
  return dependent;
}

/** What a node reads of the values that move and passes on. */
function movingReads(node: Node, dependent: ReadonlySet<string>): string[] {
  if (findGradient(node)?.kind === "zero") return [];
  return [...readsOf(node)].filter((value) => dependent.has(value));
}

function mayBeFloat(graph: Graph, value: string): boolean {
  return typeOfValue(graph, value)?.dtype.includes("float") ?? true;
}
