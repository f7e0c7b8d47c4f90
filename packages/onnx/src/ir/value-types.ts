import type { Graph, TensorType } from "./graph.js";

/** The type of a value as far as the graph states it: by signature, initializer or value type. */
export function typeOfValue(graph: Graph, name: string): TensorType | undefined {
  const initializer = graph.initializers.get(name);
  if (initializer !== undefined) return { dtype: initializer.dtype, shape: initializer.dims };
  const stated = graph.inputs.find((input) => input.name === name)?.type;
  const type =
    stated ??
    graph.valueTypes.get(name) ??
    graph.outputs.find((output) => output.name === name)?.type;
  return type?.dtype === "undefined" ? undefined : type;
}
