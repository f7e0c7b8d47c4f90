import type { Model, ValueInfo } from "../../ir/graph.js";
import { readsOf } from "../../ir/scope.js";
import { typeOfValue } from "../../ir/value-types.js";
import { prune } from "./prune.js";

/**
 * The part of a model from some values to some outputs: the values of the cut become its inputs,
 * before those inputs of the model that it still reads. What computes the cut is dropped.
 *
 * @param cut - Values whose types are known; run type inference first.
 */
export function cutAbove(model: Model, cut: readonly string[], outputs: readonly string[]): Model {
  const { graph } = model;
  const isCut = new Set(cut);
  const infoOf = (name: string): ValueInfo => ({ name, type: typeOfValue(graph, name)! });
  const nodes = graph.nodes.filter((node) => !node.outputs.some((name) => isCut.has(name)));
  const inputs = [...cut.map(infoOf), ...graph.inputs];
  const pruned = prune({ ...graph, nodes, inputs, outputs: outputs.map(infoOf) });
  const read = new Set(pruned.nodes.flatMap((node) => [...readsOf(node)]));
  return {
    ...model,
    graph: { ...pruned, inputs: pruned.inputs.filter(({ name }) => read.has(name)) },
  };
}
