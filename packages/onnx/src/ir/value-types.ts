import type { Graph, TensorType, ValueInfo } from "./graph.js";

/** Types by name, for each list of inputs or outputs that was asked: passes ask for every value. */
const signatures = new WeakMap<readonly ValueInfo[], ReadonlyMap<string, TensorType>>();

function typeIn(values: readonly ValueInfo[], name: string): TensorType | undefined {
  let types = signatures.get(values);
  if (types === undefined) {
    // Of equal names the first counts.
    types = new Map(values.toReversed().map((value) => [value.name, value.type]));
    signatures.set(values, types);
  }
  return types.get(name);
}

/** The type of a value as far as the graph states it: by signature, initializer or value type. */
export function typeOfValue(graph: Graph, name: string): TensorType | undefined {
  const initializer = graph.initializers.get(name);
  if (initializer !== undefined) return { dtype: initializer.dtype, shape: initializer.dims };
  const type =
    typeIn(graph.inputs, name) ?? graph.valueTypes.get(name) ?? typeIn(graph.outputs, name);
  return type?.dtype === "undefined" ? undefined : type;
}
