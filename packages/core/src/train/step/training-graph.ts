import {
  createNode,
  type Graph,
  inferTypes,
  type Model,
  type Node,
  typeOfValue,
  type ValueInfo,
} from "@engraft/onnx";

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
  /** Output of the step: how many values were normalised, of all channels together. */
  readonly count: string;
}

/** A dropout whose mask is fed: 0 where a value is dropped, else 1 / (1 - rate). */
export interface DropoutMask {
  /** Input of the step. */
  readonly input: ValueInfo;
  /** Value of the model that is dropped: the mask has its sizes. */
  readonly values: string;
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
 * @param fresh - Makes names that the model does not have.
 */
export function toTrainingGraph(
  model: Model,
  trainableNorms: ReadonlySet<string>,
  fresh: (wanted: string) => string,
): TrainingGraph {
  const statistics: BatchStatistics[] = [];
  const masks: DropoutMask[] = [];
  const typed = inferTypes(model);
  const nodes = typed.graph.nodes.flatMap((node) => {
    if (node.opType === "BatchNormalization" && trainableNorms.has(node.outputs[0]!)) {
      return useBatchStatistics(node, statistics, fresh);
    }
    if (node.opType === "Dropout" && node.domain === "")
      return feedMask(typed.graph, node, masks, fresh);
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
function useBatchStatistics(
  node: Node,
  statistics: BatchStatistics[],
  fresh: (wanted: string) => string,
): Node[] {
  const [input, , , runningMean, runningVariance] = node.inputs as [
    string,
    string,
    string,
    string,
    string,
  ];
  const [output] = node.outputs as [string];
  const momentum = node.attributes.get("momentum");
  const mean = fresh(`${output}/batch-mean`);
  const variance = fresh(`${output}/batch-variance`);
  const count = fresh(`${output}/batch-count`);
  statistics.push({
    mean,
    variance,
    runningMean,
    runningVariance,
    momentum: momentum?.kind === "float" ? momentum.value : 0.9,
    count,
  });
  const attributes = new Map(node.attributes)
    .set("training_mode", { kind: "int", value: 1 })
    .set("momentum", { kind: "float", value: 0 });
  const norm = { ...node, outputs: [output, mean, variance], attributes };
  return [norm, createNode("Size", [input], [count])];
}

function feedMask(
  graph: Graph,
  node: Node,
  masks: DropoutMask[],
  fresh: (wanted: string) => string,
): Node {
  const [values, ratio = ""] = node.inputs as [string, string?];
  const type = { dtype: "float32", shape: typeOfValue(graph, values)?.shape } as const;
  const rate = Number(graph.initializers.get(ratio)?.data[0] ?? 0.5);
  const input: ValueInfo = { name: fresh(`${node.outputs[0]}/mask`), type };
  masks.push({ input, values, rate });
  return createNode("Mul", [values, input.name], [node.outputs[0]!], {}, { name: node.name });
}
