import { intAttribute } from "../../ir/attributes.js";
import type { Dim, Graph, Shape } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { allNames } from "../../ir/scope.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import { typeOfValue } from "../../ir/value-types.js";

/**
 * Gives each `Reshape` whose target is computed from named sizes a constant target, where ONNX can
 * express it: 0 copies a size of the input, and -1 stands for one other. `[batch, length, 384]` to
 * `[batch, length, 12, 32]` becomes `[0, 0, 12, 32]`, and the arithmetic on sizes is dead. Types of
 * the values must have been inferred.
 */
export function foldReshapes(graph: Graph): Graph {
  const fresh = createNameGenerator(() => allNames(graph));
  const initializers = new Map<string, Tensor>(graph.initializers);
  const nodes = graph.nodes.map((node) => {
    const [data = "", target = ""] = node.inputs;
    if (node.opType !== "Reshape" || node.domain !== "" || target === "") return node;
    if (initializers.has(target) || intAttribute(node, "allowzero", 0) === 1) return node;
    const output = node.outputs[0]!;
    const sizes = constantTarget(
      typeOfValue(graph, data)?.shape,
      typeOfValue(graph, output)?.shape,
    );
    if (sizes === undefined) return node;
    const name = fresh(`${output}_shape`);
    initializers.set(name, tensorOf("int64", [sizes.length], sizes));
    return { ...node, inputs: [data, name] };
  });
  return initializers.size === graph.initializers.size ? graph : { ...graph, nodes, initializers };
}

function constantTarget(
  from: Shape | undefined,
  to: Shape | undefined,
): readonly number[] | undefined {
  const sizes = to?.map((dim, axis) => targetSize(dim, from?.[axis]));
  if (sizes === undefined || sizes.includes(undefined)) return undefined;
  return sizes.filter((size) => size === -1).length <= 1 ? (sizes as number[]) : undefined;
}

function targetSize(to: Dim, from: Dim | undefined): number | undefined {
  // A size of 0 cannot be written, since 0 means a copy.
  if (typeof to === "number") return to === 0 ? undefined : to;
  return to !== null && to === from ? 0 : -1;
}
