import { GraphBuilder, type Model, normalize, type ValueInfo, valueInfo } from "@engraft/onnx";
import type { BaseModel } from "../bases/base.js";
import { FEATURES_OUTPUT, featureGraph } from "../features/graph.js";
import type { LinearModel } from "../heads/logistic/linear-model.js";
import { lastLayerRecipe } from "../heads/views/views.js";

/** Input that says which embeddings of a batch are compared: see {@link appendPairs}. */
export const PAIR_SIDES = "engraft/sides";

/** Value that the loss of a fine-tuning looks at. */
export const TUNED_OUTPUT = "engraft/tuned";

/** Initializers of the head that is trained on top of a base. */
export const TUNED_HEAD = { weight: "engraft/head.weight", bias: "engraft/head.bias" } as const;

/**
 * The pooled last layer of a base, in the working opset: [batch, width]. Weights are called as in the
 * normalised base, which is what an adapter is applied to.
 */
export function embeddingGraph(base: BaseModel): Model {
  const normal = { ...base, model: normalize(base.model) };
  return featureGraph(normal, lastLayerRecipe(base.spec).columns);
}

/**
 * Puts a probe of the last layer on top of its base: features of length 1, then `W x + b`. The head
 * starts as good as the frozen probe, so that the first gradients do not spoil what the base knows
 * (LP-FT).
 */
export function appendProbe(model: Model, { weights, bias }: LinearModel): Model {
  const classes = bias.length;
  const width = weights.length / classes;
  const g = new GraphBuilder("engraft/head");
  g.initializers.set(TUNED_HEAD.weight, {
    dtype: "float32",
    dims: [classes, width],
    data: Float32Array.from(weights),
  });
  g.initializers.set(TUNED_HEAD.bias, {
    dtype: "float32",
    dims: [classes],
    data: Float32Array.from(bias),
  });
  const squares = g.op("Mul", [FEATURES_OUTPUT, FEATURES_OUTPUT]);
  const sum = g.op("ReduceSum", [squares, g.ints([1])], { keepdims: 1 });
  const length = g.op("Sqrt", [g.op("Clip", [sum, g.floats([SMALLEST_SQUARE], [])])]);
  const unit = g.op("Div", [FEATURES_OUTPUT, length]);
  g.op("Gemm", [unit, TUNED_HEAD.weight, TUNED_HEAD.bias], { transB: 1 }, TUNED_OUTPUT);
  return append(model, g, valueInfo(TUNED_OUTPUT, "float32", ["batch", classes]));
}

/**
 * Puts the sides of pairs on top of a base: the rows of its embeddings that {@link PAIR_SIDES} names,
 * first one side of every pair, then the other. So a text that is in several pairs of a batch is read
 * once.
 */
export function appendPairs(model: Model, width: number): Model {
  const g = new GraphBuilder("engraft/pairs");
  g.op("Gather", [FEATURES_OUTPUT, PAIR_SIDES], { axis: 0 }, TUNED_OUTPUT);
  const joined = append(model, g, valueInfo(TUNED_OUTPUT, "float32", ["sides", width]));
  const inputs = [...joined.graph.inputs, valueInfo(PAIR_SIDES, "int64", ["sides"])];
  return { ...joined, graph: { ...joined.graph, inputs } };
}

function append(model: Model, { nodes, initializers }: GraphBuilder, output: ValueInfo): Model {
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...nodes],
      initializers: new Map([...graph.initializers, ...initializers]),
      outputs: [output],
    },
  };
}

/** A square below this counts as this: the slope of the root is infinite at 0. */
const SMALLEST_SQUARE = 1e-12;
