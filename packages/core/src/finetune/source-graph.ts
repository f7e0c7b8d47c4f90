import { GraphBuilder, type Model, normalize, valueInfo } from "@engraft/onnx";
import type { BaseModel } from "../bases/base.js";
import { FEATURES_OUTPUT, featureGraph } from "../features/graph.js";
import type { LinearModel } from "../heads/linear-model.js";
import { lastLayerRecipe } from "../heads/views.js";

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
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...g.nodes],
      initializers: new Map([...graph.initializers, ...g.initializers]),
      outputs: [valueInfo(TUNED_OUTPUT, "float32", ["batch", classes])],
    },
  };
}

/** A square below this counts as this: the slope of the root is infinite at 0. */
const SMALLEST_SQUARE = 1e-12;
