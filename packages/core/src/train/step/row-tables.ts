import { type Graph, intAttribute, type Node, readsOf } from "@engraft/onnx";

/** A trainable weight of which a batch reads few rows, as an embedding is. */
export interface RowTable {
  readonly weight: string;
  readonly dims: readonly [rows: number, width: number];
  /** The `Gather` nodes that read it. */
  readonly readers: readonly Node[];
}

/**
 * Tables with fewer rows are treated as any other weight: a batch has so many tokens, and the
 * gradients by what it reads would be no smaller than the one by the table.
 */
const LEAST_ROWS = 1024;

/** The tables among some weights: matrices that are read row by row and in no other way. */
export function findRowTables(graph: Graph, weights: readonly string[]): RowTable[] {
  const readers = new Map<string, Node[]>(weights.map((weight) => [weight, []]));
  for (const node of graph.nodes) {
    for (const value of readsOf(node)) readers.get(value)?.push(node);
  }
  return weights.flatMap((weight) => {
    const [rows, width, ...more] = graph.initializers.get(weight)?.dims ?? [];
    const nodes = readers.get(weight)!;
    const isTable = rows !== undefined && width !== undefined && more.length === 0;
    if (!isTable || rows < LEAST_ROWS || !nodes.every((node) => readsRows(node, weight))) return [];
    return [{ weight, dims: [rows, width] as const, readers: nodes }];
  });
}

function readsRows(node: Node, weight: string): boolean {
  const { opType, domain, inputs } = node;
  const isGather = opType === "Gather" && domain === "";
  return isGather && inputs[0] === weight && intAttribute(node, "axis", 0) === 0;
}
