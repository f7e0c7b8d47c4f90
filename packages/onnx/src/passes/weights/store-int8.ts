import { createNode } from "../../ir/build.js";
import type { Graph, Model, Node } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { allNames } from "../../ir/scope.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { createTensor } from "../../ir/tensor/tensor-data.js";
import { LARGEST_INT8, quantize } from "./quantize.js";
import { weightAxisOf } from "./weight-axis.js";

/** Below this number of elements a weight is not worth a node more. */
const LEAST_ELEMENTS = 1024;

/**
 * Stores the large weights of a float32 model in int8, a quarter of the space, with one scale for each
 * output channel or row, and a `DequantizeLinear` that makes each what it was, up to half a scale. What
 * is computed stays in float32, so that the model can be trained, and says the same wherever it runs:
 * `quantizeWeights` is the form that computes in integers.
 *
 * Weights keep their names. Those that several nodes read along different axes stay as they are; only
 * the main graph is changed.
 *
 * @param from - Elements of the smallest weight that is stored so. Default 1024.
 */
export function storeInt8(model: Model, from: number = LEAST_ELEMENTS): Model {
  const { graph } = model;
  const axes = axesOfWeights(graph);
  const fresh = createNameGenerator(allNames(graph));
  const initializers = new Map(graph.initializers);
  const nodes: Node[] = [];
  for (const [name, axis] of axes) {
    const weight = initializers.get(name);
    if (axis === undefined || weight?.dtype !== "float32" || weight.data.length < from) continue;
    const { values, scales } = quantize(weight as Tensor<"float32">, axis, LARGEST_INT8);
    const [stored, scale] = [fresh(`${name}_int8`), fresh(`${name}_scale`)];
    initializers.delete(name);
    initializers.set(stored, values);
    initializers.set(scale, createTensor("float32", [scales.data.length], scales.data));
    nodes.push(createNode("DequantizeLinear", [stored, scale], [name], { axis }, { name }));
  }
  return { ...model, graph: { ...graph, nodes: [...nodes, ...graph.nodes], initializers } };
}

/** The axis of output channels or rows of every weight; undefined where its readers differ. */
function axesOfWeights(graph: Graph): ReadonlyMap<string, number | undefined> {
  const axes = new Map<string, number | undefined>();
  for (const node of graph.nodes) {
    const weight = weightAxisOf(node);
    for (const [index, name] of node.inputs.entries()) {
      const rank = graph.initializers.get(name)?.dims.length;
      if (rank === undefined) continue;
      // Factors of more axes are several matrices.
      const isOne = node.opType !== "MatMul" || rank === 2;
      const axis = index === weight?.input && isOne ? weight.axis : undefined;
      axes.set(name, axes.has(name) && axes.get(name) !== axis ? undefined : axis);
    }
  }
  for (const { name } of graph.outputs) axes.set(name, undefined);
  return axes;
}
