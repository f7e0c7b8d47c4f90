import type { Graph, Node } from "../ir/graph.js";
import { readsOf } from "../ir/scope.js";
import type { DataType } from "../ir/tensor.js";
import { typeOfValue } from "../ir/value-types.js";

/** Inputs that give sizes in floats, by operator. */
const sizeInputs: ReadonlyMap<string, readonly number[]> = new Map([
  ["Resize", [1, 2]],
  ["Upsample", [1]],
]);

/** The values that outputs depend on by way of floats alone, of types that weights have. */
export function valuesByFloats(graph: Graph): ReadonlySet<string> {
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) producers.set(output, node);
  }
  const reached = new Set<string>();
  const visit = (name: string): void => {
    const dtype = typeOfValue(graph, name)?.dtype;
    if (dtype === undefined || isFloat(dtype)) reached.add(name);
  };
  for (const { name } of graph.outputs) visit(name);
  // A Set is iterated in insertion order and includes what is added on the way.
  for (const name of reached) {
    const producer = producers.get(name);
    if (producer !== undefined) for (const read of dataOf(producer)) visit(read);
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
