import { intAttribute, tensorAttribute } from "../../ir/attributes.js";
import type { Model, Node } from "../../ir/graph.js";
import { fromFloat32, type StorageFloat, toFloat32 } from "../../ir/tensor/convert.js";
import { dataTypeOfCode } from "../../ir/tensor/data-type-codes.js";
import type { DataType, Tensor } from "../../ir/tensor/tensor.js";
import { prune } from "../edit/prune.js";
import { dequantize } from "./dequantize.js";

/**
 * Turns stored weights into float32 initializers: `Cast` of a float16 or bfloat16 constant and
 * `DequantizeLinear` of a constant (per tensor, per axis, blocked; 4 to 32 bits) are computed, and
 * the initializer takes the name of the node's output. Only the main graph is changed. Constants
 * that the graph uses in their 16-bit form stay.
 */
export function dequantizeWeights(model: Model): Model {
  return computeStored(model, () => true);
}

/**
 * The same, but for casts whose output is not called like a weight that {@link castWeights} has stored:
 * there the constant is the weight, and keeps its own name.
 */
export function dequantizeOwnNames(model: Model): Model {
  return computeStored(model, ({ opType, inputs, outputs }) => {
    return opType !== "Cast" || isStoredForm(inputs[0] ?? "", outputs[0] ?? "");
  });
}

/** Whether a constant is called as the stored form of a weight is. */
function isStoredForm(stored: string, weight: string): boolean {
  const suffix = stored.startsWith(`${weight}_`) ? stored.slice(weight.length) : "";
  return weight === `${stored}/float32` || /^_b?float16(_\d+)?$/.test(suffix);
}

function computeStored(model: Model, isStored: (node: Node) => boolean): Model {
  const constants = new Map(model.graph.initializers);
  const initializers = new Map(model.graph.initializers);
  const nodes = model.graph.nodes.filter((node) => {
    const [output] = node.outputs;
    if (output === undefined) return true;
    if (node.domain === "" && node.opType === "Constant") {
      const value = tensorAttribute(node, "value");
      if (value !== undefined) constants.set(output, value);
      return true;
    }
    const isWeight = node.domain === "" && isStored(node);
    const weight = isWeight ? evaluate(node, constants) : undefined;
    if (weight === undefined) return true;
    constants.set(output, weight);
    initializers.set(output, weight);
    return false;
  });
  const isSame = nodes.length === model.graph.nodes.length;
  const graph = prune(isSame ? model.graph : { ...model.graph, nodes, initializers });
  return graph === model.graph ? model : { ...model, graph };
}

/** The node's result where it is a weight in stored form; `undefined` for every other node. */
function evaluate(node: Node, constants: ReadonlyMap<string, Tensor>): Tensor | undefined {
  if (node.opType !== "Cast" && node.opType !== "DequantizeLinear") return undefined;
  const [x, scale, zeroPoint] = node.inputs.map((name) => constants.get(name));
  if (x === undefined) return undefined;
  if (node.opType === "Cast") {
    return dataTypeOfCode(intAttribute(node, "to", 0)) === "float32" ? toFloat32(x) : undefined;
  }
  const zeroPointIsVariable = (node.inputs[2] ?? "") !== "" && zeroPoint === undefined;
  if (scale === undefined || zeroPointIsVariable) return undefined;
  const floatScale = toFloat32(scale);
  if (floatScale === undefined) return undefined;
  const values = dequantize(x, floatScale, zeroPoint, {
    axis: intAttribute(node, "axis", 1),
    blockSize: intAttribute(node, "block_size", 0),
  });
  const outputType = dataTypeOfCode(intAttribute(node, "output_dtype", 0)) ?? scale.dtype;
  return values && isStorageFloat(outputType) ? fromFloat32(values, outputType) : undefined;
}

function isStorageFloat(dtype: DataType): dtype is StorageFloat {
  return dtype === "float32" || dtype === "float16" || dtype === "bfloat16";
}
