import type { Graph, Node, Shape, TensorType } from "../../ir/graph.js";
import { isSameList } from "../../ir/same.js";
import { typeOfValue } from "../../ir/value-types.js";

/**
 * Turns nodes that return their first input unchanged into `Identity`: `Cast` to the type that the
 * input has, `Expand` to the shape that it has, and `Pad` by nothing. Types of the values must have
 * been inferred.
 */
export function replaceNoOps(graph: Graph): Graph {
  const nodes = graph.nodes.map((node): Node => {
    if (!isNoOp(graph, node)) return node;
    const [input = ""] = node.inputs;
    return { ...node, opType: "Identity", inputs: [input], attributes: new Map() };
  });
  return isSameList(graph.nodes, nodes) ? graph : { ...graph, nodes };
}

const CANDIDATES: ReadonlySet<string> = new Set(["Cast", "Expand", "Pad"]);

function isNoOp(graph: Graph, node: Node): boolean {
  if (node.domain !== "" || !CANDIDATES.has(node.opType)) return false;
  const [input = "", second = ""] = node.inputs;
  const from = typeOfValue(graph, input);
  const to = typeOfValue(graph, node.outputs[0] ?? "");
  switch (node.opType) {
    case "Cast":
      return from !== undefined && from.dtype === to?.dtype;
    case "Expand":
      return isSameShape(from, to);
    case "Pad":
      return graph.initializers.get(second)?.data.every((amount) => !amount) ?? false;
    default:
      return false;
  }
}

function isSameShape(a: TensorType | undefined, b: TensorType | undefined): boolean {
  const [from, to]: (Shape | undefined)[] = [a?.shape, b?.shape];
  if (from === undefined || from.length !== to?.length) return false;
  return from.every((dim, axis) => dim !== null && dim === to[axis]);
}
