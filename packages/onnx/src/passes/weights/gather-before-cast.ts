import type { Model, Node } from "../../ir/graph.js";

/**
 * Moves `Cast` behind `Gather` where a stored weight is cast only to pick rows from it:
 * `Gather(Cast(table), ids)` becomes `Cast(Gather(table, ids))`. The result is the same to the last
 * bit, and a large embedding table stays in its stored precision instead of being widened at load.
 */
export function gatherBeforeCast(model: Model): Model {
  const { graph } = model;
  const readers = new Map<string, number>();
  for (const name of graph.nodes.flatMap((node) => node.inputs)) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
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
