import type { Graph, ValueInfo } from "../../ir/graph.js";

/** A graph with other outputs. What is no longer an output keeps its type among the value types. */
export function replaceOutputs(graph: Graph, outputs: readonly ValueInfo[]): Graph {
  const valueTypes = new Map(graph.valueTypes);
  for (const { name, type } of graph.outputs) valueTypes.set(name, type);
  for (const { name } of outputs) valueTypes.delete(name);
  return { ...graph, outputs, valueTypes };
}
