import { constantTensor } from "../infer/evaluate/creation.js";
import { mapSubgraphs } from "../infer/subgraphs.js";
import type { Graph, Model, Node } from "../ir/graph.js";
import { isSameList } from "../ir/same.js";
import { readsOf } from "../ir/scope.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { renameValues } from "../passes/edit/rename-values.js";
import { mayBeMergedByValue } from "./merged-weights.js";

/**
 * Turns `Constant` nodes into initializers of the same name, here and in subgraphs, and resolves
 * `Identity` of an initializer. The TorchScript exporter writes the latter for every initializer whose
 * bytes it has seen before: where other nodes read it too, a tensor of one repeated value then becomes
 * an initializer of its own, because biases that happen to be all zero are not the same weight; any
 * other tensor is taken to be one weight used twice, such as an embedding that is the output projection
 * as well.
 */
export function liftConstants(model: Model): Model {
  const graph = resolveIdentities(lift(model.graph));
  return graph === model.graph ? model : { ...model, graph };
}

function lift(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const isConstant = node.opType === "Constant" && node.domain === "";
    const tensor = isConstant ? constantTensor(node) : undefined;
    if (tensor === undefined) nodes.push(mapSubgraphs(node, lift));
    else initializers.set(node.outputs[0]!, tensor);
  }
  return isSameList(graph.nodes, nodes) ? graph : { ...graph, nodes, initializers };
}

function resolveIdentities(graph: Graph): Graph {
  if (!graph.nodes.some(isIdentity)) return graph;
  const outputs = new Set(outputNames(graph));
  const initializers = new Map(graph.initializers);
  const aliases = new Map<string, string>();
  const readers = readersOf(graph);
  const nodes = graph.nodes.filter((node) => {
    if (!isIdentity(node)) return true;
    const [output = ""] = node.outputs;
    const source = aliases.get(node.inputs[0]!) ?? node.inputs[0]!;
    const tensor = initializers.get(source);
    if (tensor === undefined) return true;
    if (mayBeMergedByValue(tensor) && readers.get(source)! > 1) {
      initializers.set(output, copyOf(tensor));
      return false;
    }
    if (outputs.has(output)) return true;
    aliases.set(output, source);
    return false;
  });
  if (nodes.length === graph.nodes.length) return graph;
  return renameValues({ ...graph, nodes, initializers }, aliases);
}

function isIdentity({ domain, opType }: Node): boolean {
  return domain === "" && opType === "Identity";
}

/** How many nodes and outputs read each value. */
function readersOf(graph: Graph): Map<string, number> {
  const readers = new Map<string, number>();
  const reads = [...graph.nodes.flatMap((node) => [...readsOf(node)]), ...outputNames(graph)];
  for (const name of reads) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}

function outputNames({ outputs }: Graph): string[] {
  return outputs.map(({ name }) => name);
}

/** The tensor with data of its own, so that training one copy leaves the others alone. */
function copyOf(tensor: Tensor): Tensor {
  return { ...tensor, data: tensor.data.slice() } as Tensor;
}
