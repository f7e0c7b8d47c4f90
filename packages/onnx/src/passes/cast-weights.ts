import { createNode } from "../ir/build.js";
import { fromFloat32 } from "../ir/convert.js";
import { dataTypeCodes } from "../ir/data-type-codes.js";
import type { Model, Node } from "../ir/graph.js";
import { createNameGenerator } from "../ir/names.js";
import { allNames } from "../ir/scope.js";
import type { Tensor } from "../ir/tensor.js";

/** Below this size a weight is not worth a `Cast`, and may be an epsilon that would become 0. */
const MIN_ELEMENTS = 256;

/** Largest finite value of each storage type. */
const LARGEST = { float16: 65504, bfloat16: 3.3895313892515355e38 };

/**
 * Stores weights in half the space: each float32 initializer of 256 elements or more is kept in
 * `dtype` and followed by a `Cast` back to float32, whose output has the initializer's name. Weights
 * with values beyond the range of `dtype` stay. {@link dequantizeWeights} is the way back.
 */
export function castWeights(model: Model, dtype: "float16" | "bfloat16"): Model {
  const { graph } = model;
  const fresh = createNameGenerator(allNames(graph));
  const initializers = new Map<string, Tensor>();
  const casts: Node[] = [];
  for (const [name, tensor] of graph.initializers) {
    const worthwhile = tensor.dtype === "float32" && tensor.data.length >= MIN_ELEMENTS;
    if (!worthwhile || !isWithin(tensor.data, LARGEST[dtype])) {
      initializers.set(name, tensor);
      continue;
    }
    const stored = fresh(`${name}_${dtype}`);
    initializers.set(stored, fromFloat32(tensor, dtype));
    casts.push(createNode("Cast", [stored], [name], { to: dataTypeCodes.float32 }));
  }
  return { ...model, graph: { ...graph, initializers, nodes: [...casts, ...graph.nodes] } };
}

/** A plain loop: `every` with a callback takes seconds on a large model. */
function isWithin(values: Float32Array, limit: number): boolean {
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]!) <= limit)) return false;
  }
  return true;
}
