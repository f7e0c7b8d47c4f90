import {
  createNode,
  describeNode,
  type Graph,
  inferTypes,
  type Model,
  type Node,
  type Shape,
  typeOfValue,
  type ValueInfo,
} from "@engraft/onnx";
import { UsageError } from "../errors.js";

/** A batch normalisation that uses the statistics of its batch. */
export interface BatchStatistics {
  /** Outputs of the step: mean and biased variance of this batch, [channels] each. */
  readonly mean: string;
  readonly variance: string;
  /** Initializers that hold the running statistics. */
  readonly runningMean: string;
  readonly runningVariance: string;
  /** What stays of the running statistics at each step (the ONNX convention). */
  readonly momentum: number;
  /** Shape of what is normalised, [batch, channels, ...]: statistics are over all but the channels. */
  readonly inputShape: Shape;
}

/** A dropout whose mask is fed: 0 where a value is dropped, else 1 / (1 - rate). */
export interface DropoutMask {
  /** Input of the step. Its shape is that of the values that are dropped. */
  readonly input: ValueInfo;
  readonly rate: number;
}

/** A model as it is run in training. */
export interface TrainingGraph {
  readonly model: Model;
  readonly statistics: readonly BatchStatistics[];
  readonly masks: readonly DropoutMask[];
}

/**
 * Turns the inference form of a model into the one that is trained: batch normalisations of trainable
 * layers use the statistics of their batch, and dropout drops. Masks are fed rather than drawn by the
 * runtime, so that a resumed run continues exactly.
 *
 * @param trainableNorms - The `BatchNormalization` nodes to switch, by name of their first output.
 */
export function toTrainingGraph(model: Model, trainableNorms: ReadonlySet<string>): TrainingGraph {
  const statistics: BatchStatistics[] = [];
  const masks: DropoutMask[] = [];
  const typed = inferTypes(model);
  const nodes = typed.graph.nodes.map((node) => {
    if (node.opType === "BatchNormalization" && trainableNorms.has(node.outputs[0]!)) {
      return useBatchStatistics(typed.graph, node, statistics);
    }
    if (node.opType === "Dropout" && node.domain === "") return feedMask(typed.graph, node, masks);
    return node;
  });
  const inputs = [...typed.graph.inputs, ...masks.map(({ input }) => input)];
  return {
    model: inferTypes({ ...typed, graph: { ...typed.graph, nodes, inputs } }),
    statistics,
    masks,
  };
}

/** With momentum 0 the "running" outputs of the operator are the batch's own statistics. */
function useBatchStatistics(graph: Graph, node: Node, statistics: BatchStatistics[]): Node {
  const [input, , , runningMean, runningVariance] = node.inputs as [
    string,
    string,
    string,
    string,
    string,
  ];
  const [output] = node.outputs as [string];
  const momentum = node.attributes.get("momentum");
  const mean = `${output}/batch-mean`;
  const variance = `${output}/batch-variance`;
  statistics.push({
    mean,
    variance,
    runningMean,
    runningVariance,
    momentum: momentum?.kind === "float" ? momentum.value : 0.9,
    inputShape: requireShape(graph, node, input),
  });
  const attributes = new Map(node.attributes)
    .set("training_mode", { kind: "int", value: 1 })
    .set("momentum", { kind: "float", value: 0 });
  return { ...node, outputs: [output, mean, variance], attributes };
}

function feedMask(graph: Graph, node: Node, masks: DropoutMask[]): Node {
  const [values, ratio = ""] = node.inputs as [string, string?];
  const type = { dtype: "float32", shape: requireShape(graph, node, values) } as const;
  const rate = Number(graph.initializers.get(ratio)?.data[0] ?? 0.5);
  const input: ValueInfo = { name: `${node.outputs[0]}/mask`, type };
  masks.push({ input, rate });
  return createNode("Mul", [values, input.name], [node.outputs[0]!], {}, { name: node.name });
}

function requireShape(graph: Graph, node: Node, value: string): Shape {
  const shape = typeOfValue(graph, value)?.shape;
  if (shape !== undefined) return shape;
  throw new UsageError(
    `The rank of the input of ${describeNode(node)} is not known, and training needs it. Export the ` +
      "model with the shapes of its inputs.",
  );
}
