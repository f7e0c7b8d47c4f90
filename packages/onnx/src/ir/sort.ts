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
  const producers = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.outputs) producers.set(output, index);
  });
  const dependencies = nodes.map((node) =>
    Array.from(readsOf(node), (name) => producers.get(name)).filter((index) => index !== undefined),
  );

  const sorted: Node[] = [];
  const state: ("new" | "open" | "done")[] = nodes.map(() => "new");
  for (const start of nodes.keys()) {
    const stack = [start];
    while (stack.length > 0) {
      const index = stack.at(-1)!;
      const node = nodes[index]!;
      if (state[index] === "new") {
        state[index] = "open";
        for (const dependency of dependencies[index]!.toReversed()) {
          if (state[dependency] === "open") throw cycleThrough(node);
          if (state[dependency] === "new") stack.push(dependency);
        }
        continue;
      }
      stack.pop();
      if (state[index] === "open") sorted.push(node);
      state[index] = "done";
    }
  }
  return sorted;
}

function cycleThrough(node: Node): OnnxError {
  return new OnnxError(
    "onnx/invalid-graph",
    `The graph has a cycle through ${describeNode(node)}; an ONNX graph must have none.`,
    { subject: node.name },
  );
}
