import type { Graph, Node } from "../ir/graph.js";
import { readsOf } from "../ir/scope.js";
import type { DataType } from "../ir/tensor/tensor.js";
import { typeOfValue } from "../ir/value-types.js";

/** Inputs that give sizes in floats, by operator. */
const sizeInputs: ReadonlyMap<string, readonly number[]> = new Map([
  ["Resize", [1, 2]],
  ["Upsample", [1]],
]);

/** The values that outputs depend on by way of floats alone, of types that weights have. */
export function valuesByFloats(graph: Graph): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    if (reached.has(name)) return;
    const dtype = typeOfValue(graph, name)?.dtype;
    if (dtype === undefined || isFloat(dtype)) reached.add(name);
  };
  for (const { name } of graph.outputs) visit(name);
  // Nodes are in topological order: every reader of a value is met before the node that computes it.
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index]!;
    if (node.outputs.some((output) => reached.has(output))) {
      for (const read of dataOf(node)) visit(read);
    }
  }
  return reached;
}

function dataOf(node: Node): Iterable<string> {
  const sizes = node.domain === "" ? sizeInputs.get(node.opType) : undefined;
  if (sizes === undefined) return readsOf(node);
  return node.inputs.filter((name, index) => name !== "" && !sizes.includes(index));
}

/** Whether weights can have this element type. */
export function isFloat(dtype: DataType): boolean {
  return dtype === "float32" || dtype === "float64";
}
