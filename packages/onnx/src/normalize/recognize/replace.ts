import { type AttributeInput, createNode } from "../../ir/build.js";
import type { Graph, Model, Node } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { namesInUse } from "../names-in-use.js";
import { GraphIndex } from "./graph-index.js";

/** A group of nodes that together compute what one operator does. */
export interface Match {
  /** The nodes of the group; nothing else reads their values, the root's result apart. */
  readonly nodes: ReadonlySet<Node>;
  /** The last node of the group. */
  readonly root: Node;
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeInput>>;
}

/**
 * Replaces each group that `match` finds, starting at a node of it, by one node that takes the place of
 * the group's root: its result, metadata and scope. Looks at the main graph only.
 */
export function replaceMatches(
  model: Model,
  match: (anchor: Node, index: GraphIndex) => Match | undefined,
): Model {
  const index = new GraphIndex(model.graph);
  const fresh = createNameGenerator(() => namesInUse(model.graph));
  const gone = new Set<Node>();
  const successors = new Map<Node, Node>();
  for (const anchor of model.graph.nodes) {
    const found = match(anchor, index);
    if (found === undefined || [...found.nodes].some((node) => gone.has(node))) continue;
    for (const node of found.nodes) gone.add(node);
    successors.set(found.root, successorOf(found, fresh));
  }
  if (gone.size === 0) return model;
  const nodes = model.graph.nodes.flatMap((node) => {
    const successor = successors.get(node) ?? node;
    return gone.has(successor) ? [] : [successor];
  });
  const graph: Graph = { ...model.graph, nodes };
  return { ...model, graph };
}

/** `/encoder/norm/Add_1` becomes `/encoder/norm/LayerNormalization`. */
function successorOf(match: Match, fresh: (wanted: string) => string): Node {
  const { root, opType, inputs, attributes } = match;
  const scope = root.name.slice(0, root.name.lastIndexOf("/") + 1);
  const name = scope === "" ? root.name : fresh(`${scope}${opType}`);
  const node = createNode(opType, inputs, root.outputs, attributes, { name });
  return { ...node, metadata: root.metadata };
}
