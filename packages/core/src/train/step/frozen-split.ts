import { type Graph, type Node, readsOf } from "@engraft/onnx";

/** A graph in two: what training cannot change, and what it can. */
export interface FrozenSplit {
  /**
   * Values at the cut, [batch, ...] each: computed from frozen weights alone, and read by what
   * training changes. They are the same in every epoch as long as the inputs are.
   */
  readonly cut: readonly string[];
  /** The nodes that follow the cut, in order; cheap frozen nodes that they need among them. */
  readonly suffix: readonly Node[];
}

/**
 * Finds the frozen prefix of a graph. Beside what moves in training, the suffix recomputes what costs
 * nothing (masks, shapes) and what has no batch axis (position embeddings): a cache of examples
 * cannot hold it, and a batch of another length needs another one.
 *
 * @param moving - Values that training changes: trainable weights, outputs of dropout.
 * @param batched - Values whose first axis counts the examples.
 */
export function splitFrozen(
  graph: Graph,
  moving: ReadonlySet<string>,
  batched: ReadonlySet<string>,
): FrozenSplit {
  const producers = producersOf(graph);
  const moved = closure(graph, moving);
  const weighted = closure(graph, weightsOf(graph));
  const isCached = (value: string): boolean =>
    producers.has(value) && batched.has(value) && !moved.has(value) && weighted.has(value);

  const cut = new Set<string>();
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const suffix = new Set<Node>();
  // A Set is iterated in insertion order and includes what is added on the way.
  for (const value of needed) {
    const producer = producers.get(value);
    if (producer === undefined || suffix.has(producer)) continue;
    if (isCached(value)) cut.add(value);
    else {
      suffix.add(producer);
      for (const read of readsOf(producer)) needed.add(read);
    }
  }
  return { cut: [...cut], suffix: graph.nodes.filter((node) => suffix.has(node)) };
}

function producersOf(graph: Graph): Map<string, Node> {
  return new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
}

/** The given values and everything that is computed from them. */
function closure(graph: Graph, start: ReadonlySet<string>): Set<string> {
  const reached = new Set(start);
  for (const node of graph.nodes) {
    if (![...readsOf(node)].some((value) => reached.has(value))) continue;
    for (const output of node.outputs) reached.add(output);
  }
  reached.delete("");
  return reached;
}

/** Tables and matrices: what makes a node expensive. */
function weightsOf(graph: Graph): Set<string> {
  return new Set(
    Array.from(graph.initializers).flatMap(([name, { dtype, dims }]) =>
      dtype.includes("float") && dims.length > 1 ? [name] : [],
    ),
  );
}
