import { intAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape, TensorType } from "../../../ir/graph.js";
import type { DataType } from "../../../ir/tensor/tensor.js";
import { broadcastShapes, formatShape } from "../../dims.js";
import type { Rule, RuleTable } from "../../rule.js";
import { forEach, sameAsInput } from "../../rule.js";
import type { NodeView } from "../../view.js";

/** Normalisations: the output has the type of the input, and parameters must fit its channels. */

/** Checks that inputs `from` to `to` hold one value a channel (axis 1) of input 0. */
function requirePerChannel(view: NodeView, from: number, to: number): Dim {
  const channels = view.shape(0)?.[1] ?? null;
  for (let index = from; index <= to; index++) {
    if (view.has(index)) view.requireShape(index, [channels]);
  }
  return channels;
}

/** Running statistics follow in training; before operator set 14 the saved ones as well. */
const batchNormalization: Rule = (view) => {
  const channels = requirePerChannel(view, 1, 4);
  const dtype = view.dtype(3);
  const statistics: TensorType | undefined = dtype && { dtype, shape: [channels] };
  return [view.type(0), statistics, statistics, statistics, statistics];
};

const instanceNormalization: Rule = (view) => {
  requirePerChannel(view, 1, 2);
  return [view.type(0)];
};

/** `axis` and all axes after it are normalised together; statistics keep them with size 1. */
function layerNormalization(statistics: readonly DataType[]): Rule {
  return (view) => {
    const type = view.type(0);
    const shape = type?.shape;
    if (shape === undefined) return [type];
    const axis = view.axis(intAttribute(view.node, "axis", -1), shape.length);
    requireBroadcast(view, shape, 1);
    requireBroadcast(view, shape, 2);
    const reduced = shape.map((dim, at): Dim => (at < axis ? dim : 1));
    return [type, ...statistics.map((dtype): TensorType => ({ dtype, shape: reduced }))];
  };
}

/** Checks that a parameter broadcasts to the data without widening it. */
export function requireBroadcast(view: NodeView, shape: Shape, index: number): void {
  const parameter = view.has(index) ? view.shape(index) : undefined;
  if (parameter === undefined) return;
  const joined = broadcastShapes([shape, parameter]);
  const widens = joined?.some(
    (dim, axis) => typeof dim === "number" && shape[axis] === 1 && dim !== 1,
  );
  if (joined === undefined || joined.length > shape.length || widens) {
    view.reject(`input ${index} that broadcasts to ${formatShape(shape)}`, formatShape(parameter));
  }
}

export const normalizationRules: RuleTable = {
  BatchNormalization: { 1: batchNormalization },
  InstanceNormalization: { 1: instanceNormalization },
  // ONNX has it since 17; the optimiser of ONNX Runtime writes it into models of older sets as well.
  LayerNormalization: { 1: layerNormalization(["float32", "float32"]) },
  RMSNormalization: { 23: layerNormalization([]) },
  // ONNX Runtime keeps this one of its own in the ONNX domain.
  SimplifiedLayerNormalization: { 1: layerNormalization(["float32"]) },
  GroupNormalization: { 18: sameAsInput },
  ...forEach(["LRN", "LpNormalization", "MeanVarianceNormalization"], sameAsInput),
};
