import { createNode } from "../../ir/build.js";
import type { Model, Node } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { allNames } from "../../ir/scope.js";
import { fromFloat32, toFloat32 } from "../../ir/tensor/convert.js";
import { dataTypeCodes } from "../../ir/tensor/data-type-codes.js";
import type { Tensor } from "../../ir/tensor/tensor.js";

/** Below this size a weight is not worth a `Cast`, and may be an epsilon that would become 0. */
const MIN_ELEMENTS = 256;

/** Largest finite value of each storage type. */
const LARGEST = { float16: 65504, bfloat16: 3.3895313892515355e38 };

/** Which weights are cast. */
export interface CastWeightsOptions {
  /** Cast only weights that lose nothing by it, as those that were cast before. Default false. */
  readonly exact?: boolean;
}

/**
 * Stores weights in half the space: each float32 initializer of 256 elements or more is kept in
 * `dtype` and followed by a `Cast` back to float32, whose output has the initializer's name. Weights
 * with values beyond the range of `dtype` stay. {@link dequantizeWeights} is the way back.
 */
export function castWeights(
  model: Model,
  dtype: "float16" | "bfloat16",
  { exact = false }: CastWeightsOptions = {},
): Model {
  const { graph } = model;
  const fresh = createNameGenerator(allNames(graph));
  const initializers = new Map<string, Tensor>();
  const casts: Node[] = [];
  for (const [name, tensor] of graph.initializers) {
    const narrow = narrowed(tensor, dtype);
    if (narrow === undefined || (exact && !isSame(tensor, toFloat32(narrow)))) {
      initializers.set(name, tensor);
      continue;
    }
    const stored = fresh(`${name}_${dtype}`);
    initializers.set(stored, narrow);
    casts.push(createNode("Cast", [stored], [name], { to: dataTypeCodes.float32 }));
  }
  return { ...model, graph: { ...graph, initializers, nodes: [...casts, ...graph.nodes] } };
}

/** The weight in `dtype`, where that is worthwhile and possible. */
function narrowed(tensor: Tensor, dtype: "float16" | "bfloat16"): Tensor | undefined {
  const worthwhile = tensor.dtype === "float32" && tensor.data.length >= MIN_ELEMENTS;
  return worthwhile && isWithin(tensor.data, LARGEST[dtype])
    ? fromFloat32(tensor, dtype)
    : undefined;
}

/** A plain loop: `every` with a callback takes seconds on a large model. */
function isWithin(values: Float32Array, limit: number): boolean {
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]!) <= limit)) return false;
  }
  return true;
}

function isSame({ data }: Tensor, other: Tensor | undefined): boolean {
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== other?.data[i]) return false;
  }
  return true;
}
