import { OnnxError } from "../errors.js";
import { describeNode } from "./attributes.js";
import type { Node } from "./graph.js";
import { readsOf } from "./scope.js";

/**
 * Orders nodes so that each comes after the producers of what it reads. The
 * order is otherwise kept: a producer that comes too late moves to just before its first reader.
 *
 * @throws OnnxError `onnx/invalid-graph` when nodes form a cycle.
 */
export function topologicalSort(nodes: readonly Node[]): Node[] {
  const { sorted, cycle } = visit(nodes);
  if (cycle === undefined) return sorted;
  throw new OnnxError(
    "onnx/invalid-graph",
    `The graph has a cycle: ${describeCycle(cycle)}. An ONNX graph must have none.`,
    { subject: cycle[0]!.name },
  );
}

/** Nodes of which each reads what the one before it computes, and the first what the last does. */
export function findCycle(nodes: readonly Node[]): Node[] | undefined {
  return visit(nodes).cycle;
}

/** The nodes of a cycle as error messages name them; of a long one the first. */
export function describeCycle(cycle: readonly Node[]): string {
  const named = cycle.slice(0, 5).map(describeNode);
  if (cycle.length > named.length) named.push(`${cycle.length - named.length} more`);
  return [...named, `back to ${named[0]}`].join(", ");
}

/** Depth first, without recursion: a chain of nodes may be longer than the call stack. */
function visit(nodes: readonly Node[]): { sorted: Node[]; cycle: Node[] | undefined } {
  const producers = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.outputs) producers.set(output, index);
  });
  const sorted: Node[] = [];
  const path: number[] = [];
  const state: ("new" | "open" | "done")[] = nodes.map(() => "new");
  for (const start of nodes.keys()) {
    const stack = [start];
    while (stack.length > 0) {
      const index = stack.at(-1)!;
      if (state[index] === "new") {
        state[index] = "open";
        path.push(index);
        for (const name of [...readsOf(nodes[index]!)].reverse()) {
          const producer = producers.get(name);
          if (producer === undefined || state[producer] === "done") continue;
          if (state[producer] === "open") {
            const cycle = path.slice(path.indexOf(producer)).reverse();
            return { sorted, cycle: cycle.map((at) => nodes[at]!) };
          }
          stack.push(producer);
        }
        continue;
      }
      stack.pop();
      if (state[index] === "done") continue;
      state[index] = "done";
      path.pop();
      sorted.push(nodes[index]!);
    }
  }
  return { sorted, cycle: undefined };
}
