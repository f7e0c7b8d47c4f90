import { intAttribute } from "../../ir/attributes.js";
import { createNode } from "../../ir/build.js";
import type { Graph, Model, Node } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { allNames } from "../../ir/scope.js";
import { dataTypeCodes } from "../../ir/tensor/data-type-codes.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { createTensor } from "../../ir/tensor/tensor-data.js";
import { prune } from "../edit/prune.js";

/**
 * Writes the `DequantizeLinear` of weights that `storeInt8` has stored as a `Cast` and a `Mul`:
 * the same to the last bit, but ONNX Runtime computes them once, when it loads the model, where it
 * would repeat a `DequantizeLinear` in each run. Of a table that rows are picked from, only these rows
 * are widened.
 */
export function widenInt8(model: Model): Model {
  const { graph } = model;
  const stored = storedWeights(graph);
  if (stored.size === 0) return model;
  const fresh = createNameGenerator(allNames(graph));
  const initializers = new Map(graph.initializers);
  const valueTypes = new Map(graph.valueTypes);

  const constant = (name: string, { dims, data }: Tensor<"float32">, rank: number): string => {
    const scale = fresh(name);
    const shape = [...dims, ...new Array<number>(rank - 1).fill(1)];
    initializers.set(scale, createTensor("float32", shape, data));
    return scale;
  };
  const widen = (integers: string, scale: string, output: string): Node[] => {
    const floats = fresh(`${output}_float32`);
    return [
      createNode("Cast", [integers], [floats], { to: dataTypeCodes.float32 }, { name: floats }),
      createNode("Mul", [floats, scale], [output], {}, { name: output }),
    ];
  };
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const own = stored.get(node.outputs[0] ?? "");
    if (own?.node === node) {
      if (own.isTable) return [];
      return widen(own.values, constant(own.name, own.scale, own.rank - own.axis), own.name);
    }
    const table = node.opType === "Gather" ? stored.get(node.inputs[0]!) : undefined;
    if (!table?.isTable) return [node];
    const [rows = "", output = ""] = [node.inputs[1], node.outputs[0]];
    const [picked, scales] = [fresh(`${output}_int8`), fresh(`${output}_scale`)];
    const scale = constant(table.name, table.scale, table.rank);
    return [
      { ...node, inputs: [table.values, rows], outputs: [picked] },
      createNode("Gather", [scale, rows], [scales], {}, { name: scales }),
      ...widen(picked, scales, output),
    ];
  });
  for (const { name } of stored.values()) valueTypes.delete(name);
  return { ...model, graph: prune({ ...graph, nodes, initializers, valueTypes }) };
}

/** A weight in int8 with one scale for each slice of an axis. */
interface StoredWeight {
  readonly node: Node;
  readonly name: string;
  readonly values: string;
  readonly scale: Tensor<"float32">;
  readonly rank: number;
  readonly axis: number;
  /** Whether all that reads it picks rows. */
  readonly isTable: boolean;
}

/** By the names of the weights. */
function storedWeights(graph: Graph): ReadonlyMap<string, StoredWeight> {
  const stored = new Map<string, StoredWeight>();
  const picks = new Set<string>();
  const reads = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes) {
    const isPick =
      node.opType === "Gather" && node.domain === "" && intAttribute(node, "axis", 0) === 0;
    for (const [index, name] of node.inputs.entries()) {
      (isPick && index === 0 ? picks : reads).add(name);
    }
  }
  for (const node of graph.nodes) {
    const [values = "", scaleName = "", zero = ""] = node.inputs;
    const [name = ""] = node.outputs;
    const weight = graph.initializers.get(values);
    const scale = graph.initializers.get(scaleName);
    const isOurs = node.opType === "DequantizeLinear" && node.domain === "" && zero === "";
    if (!isOurs || weight?.dtype !== "int8" || scale?.dtype !== "float32") continue;
    const rank = weight.dims.length;
    const axis = intAttribute(node, "axis", 1);
    if (scale.dims.length !== 1 || axis < 0 || axis >= rank) continue;
    const isTable = axis === 0 && picks.has(name) && !reads.has(name);
    const known = { node, name, values, scale: scale as Tensor<"float32">, rank, axis, isTable };
    stored.set(name, known);
  }
  return stored;
}
