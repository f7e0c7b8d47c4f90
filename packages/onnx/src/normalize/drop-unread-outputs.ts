import { mapSubgraphs } from "../infer/subgraphs.js";
import type { Graph, Model, Node } from "../ir/graph.js";
import { isSameList } from "../ir/same.js";
import { readsOf, someNode } from "../ir/scope.js";

/**
 * The first optional output of operators that give more than their result: a mask, indices, statistics,
 * the last state. The number of outputs does not change what they compute, as it does for the
 * BatchNormalization of older operator sets.
 */
const FIRST_OPTIONAL: ReadonlyMap<string, number> = new Map([
  ["Dropout", 1],
  ["MaxPool", 1],
  ["LayerNormalization", 1],
  ["SkipLayerNormalization", 1],
  ["SkipSimplifiedLayerNormalization", 1],
  ["EmbedLayerNormalization", 1],
  ["LSTM", 0],
  ["GRU", 0],
  ["RNN", 0],
]);

/**
 * Leaves out optional outputs that a file declares and nothing reads, so that later passes need not
 * ask: a Dropout whose mask nobody reads is one without a mask.
 */
export function dropUnreadOutputs(model: Model): Model {
  if (!someNode(model.graph, ({ opType }) => FIRST_OPTIONAL.has(opType))) return model;
  const graph = dropIn(model.graph);
  return graph === model.graph ? model : { ...model, graph };
}

function dropIn(graph: Graph): Graph {
  const read = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes) for (const name of readsOf(node)) read.add(name);
  const nodes = graph.nodes.map((node) => withoutUnread(mapSubgraphs(node, dropIn), read));
  return isSameList(graph.nodes, nodes) ? graph : { ...graph, nodes };
}

function withoutUnread(node: Node, read: ReadonlySet<string>): Node {
  const first = FIRST_OPTIONAL.get(node.opType);
  if (first === undefined) return node;
  const isUnread = (name: string, index: number): boolean => index >= first && !read.has(name);
  if (!node.outputs.some((name, index) => name !== "" && isUnread(name, index))) return node;
  const outputs = node.outputs.map((name, index) => (isUnread(name, index) ? "" : name));
  return { ...node, outputs: outputs.slice(0, outputs.findLastIndex((name) => name !== "") + 1) };
}
