import type { Graph, Model, Node } from "../../ir/graph.js";

/**
 * Moves `Cast` behind `Gather` where a stored weight is cast only to pick rows from it:
 * `Gather(Cast(table), ids)` becomes `Cast(Gather(table, ids))`. The result is the same to the last
 * bit, and a large embedding table stays in its stored precision instead of being widened at load.
 */
export function gatherBeforeCast(model: Model): Model {
  const { graph } = model;
  const readers = countReaders(graph);
  const casts = new Map<string, Node>();
  for (const node of graph.nodes) {
    const [output = ""] = node.outputs;
    const isStored = node.opType === "Cast" && graph.initializers.has(node.inputs[0]!);
    if (isStored && readers.get(output) === 1) casts.set(output, node);
  }
  const moved = new Set<Node>();
  const nodes = graph.nodes.flatMap((node) => {
    const cast = node.opType === "Gather" ? casts.get(node.inputs[0]!) : undefined;
    if (cast === undefined) return [node];
    moved.add(cast);
    const picked = cast.outputs[0]!;
    return [
      { ...node, inputs: [cast.inputs[0]!, ...node.inputs.slice(1)], outputs: [picked] },
      { ...cast, inputs: [picked], outputs: node.outputs },
    ];
  });
  if (moved.size === 0) return model;
  // The value between the two now has another shape and type than was known of it.
  const valueTypes = new Map(graph.valueTypes);
  for (const cast of moved) valueTypes.delete(cast.outputs[0]!);
  return {
    ...model,
    graph: { ...graph, nodes: nodes.filter((node) => !moved.has(node)), valueTypes },
  };
}

/**
 * The way back from {@link gatherBeforeCast}, for devices that have no numbers of 16 bits: a stored
 * weight is widened when the model is loaded, and not after rows were picked from it.
 */
export function castBeforeGather(model: Model): Model {
  const { graph } = model;
  const readers = countReaders(graph);
  const gathers = new Map<string, Node>();
  for (const node of graph.nodes) {
    const [output = ""] = node.outputs;
    const isOfWeight = node.opType === "Gather" && graph.initializers.has(node.inputs[0]!);
    if (isOfWeight && readers.get(output) === 1) gathers.set(output, node);
  }
  const pairs = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const gather = node.opType === "Cast" ? gathers.get(node.inputs[0]!) : undefined;
    if (gather !== undefined) pairs.set(gather, node);
  }
  const casts = new Set(pairs.values());
  const valueTypes = new Map(graph.valueTypes);
  const nodes = graph.nodes.flatMap((node) => {
    if (casts.has(node)) return [];
    const cast = pairs.get(node);
    if (cast === undefined) return [node];
    const wide = node.outputs[0]!;
    // The value between the two now has another shape and type than was known of it.
    valueTypes.delete(wide);
    return [
      { ...cast, inputs: [node.inputs[0]!], outputs: [wide] },
      { ...node, inputs: [wide, ...node.inputs.slice(1)], outputs: cast.outputs },
    ];
  });
  return pairs.size === 0 ? model : { ...model, graph: { ...graph, nodes, valueTypes } };
}

/** How often each value is read, as an output of the graph too. */
function countReaders({ nodes, outputs }: Graph): Map<string, number> {
  const readers = new Map<string, number>();
  const names = [...nodes.flatMap((node) => node.inputs), ...outputs.map(({ name }) => name)];
  for (const name of names) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}
