import { inferTypes } from "../src/infer/infer-types.js";
import { createGraph, createModel } from "../src/ir/build.js";
import type { Model, Node, ValueInfo } from "../src/ir/graph.js";
import { printType } from "../src/ir/print.js";
import type { Tensor } from "../src/ir/tensor/tensor.js";

/** Models without outputs, and the types that inference finds for their values. */

export function modelOf(parts: {
  readonly inputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly opset?: number;
}): Model {
  const graph = createGraph({
    inputs: parts.inputs,
    nodes: parts.nodes,
    outputs: [],
    initializers: Object.entries(parts.constants ?? {}),
  });
  return createModel({ graph, opset: parts.opset ?? 17 });
}

/** The type of a value as text, or "unknown". */
export function typeOf(model: Model, name: string, dims?: Record<string, number>): string {
  const { graph } = inferTypes(model, dims === undefined ? {} : { dims });
  const type = graph.valueTypes.get(name);
  return type === undefined ? "unknown" : printType(type);
}
