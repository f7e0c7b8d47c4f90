import {
  cut,
  cutAbove,
  type Graph,
  GraphBuilder,
  gatherBeforeCast,
  type Model,
  valueInfo,
  widenInt8,
} from "@engraft/onnx/graph";
import type { BaseModel } from "../bases/base.js";
import type { Tap } from "../bases/spec.js";
import { type SessionModel, sessionModel } from "../runtime/session-model.js";
import { type FeatureColumn, totalWidth } from "./columns.js";

/** Name of the first output of a feature model: [batch, total width of the columns]. */
export const FEATURES_OUTPUT = "engraft/features";

/**
 * The frozen prefix of a base as an ONNX model: everything up to the deepest tap that is read, and
 * on top of it the pooling of each tap. Pooling inside the graph leaves little to copy out.
 *
 * @param whole - Taps among those that are read which are also given before pooling, as
 *   {@link wholeOutputs}.
 */
export function featureModel(
  base: BaseModel,
  columns: readonly FeatureColumn[],
  whole: readonly Tap[] = [],
): SessionModel {
  return sessionModel(withWhole(featureGraph(base, columns), whole));
}

/** Names of the outputs that give all of a tap: its data [batch, all else in one axis], and its shape. */
export function wholeOutputs({ name }: Tap): { readonly data: string; readonly shape: string } {
  return { data: `engraft/whole/${name}`, shape: `engraft/shape/${name}` };
}

/**
 * The layers of a base above one of its taps as an ONNX model, with the pooling of their taps on top.
 * It reads the value of the tap, and of the inputs of the base what those layers read.
 */
export function featureModelAbove(
  base: BaseModel,
  tap: Tap,
  columns: readonly FeatureColumn[],
): SessionModel {
  return sessionModel(cutAbove(featureGraph(base, columns), [tap.value], [FEATURES_OUTPUT]));
}

/** The same as a graph. */
export function featureGraph(base: BaseModel, columns: readonly FeatureColumn[]): Model {
  const taps = columns.map((column) => tapOf(base, column));
  const prefix = cut(base.model, [...new Set(taps.map(({ value }) => value))]);
  const backbone = widenInt8(gatherBeforeCast(prefix));
  return withPooling(backbone, base, columns, taps);
}

/**
 * Another reader of each tap, as its pooling is one, and not the tap itself as an output: ONNX Runtime
 * merges other operators where a value leaves the graph, which would change the last bits of all
 * that is above.
 */
function withWhole(model: Model, taps: readonly Tap[]): Model {
  if (taps.length === 0) return model;
  const builder = new GraphBuilder("engraft/whole");
  const outputs = taps.flatMap((tap) => {
    const { data, shape } = wholeOutputs(tap);
    builder.op("Reshape", [tap.value, builder.ints([0, -1])], {}, data);
    builder.op("Shape", [tap.value], {}, shape);
    return [valueInfo(data, "float32", ["batch", null]), valueInfo(shape, "int64", [null])];
  });
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...builder.nodes],
      initializers: new Map([...graph.initializers, ...builder.initializers]),
      outputs: [...graph.outputs, ...outputs],
    },
  };
}

function withPooling(
  backbone: Model,
  base: BaseModel,
  columns: readonly FeatureColumn[],
  taps: readonly Tap[],
): Model {
  const builder = new GraphBuilder("engraft/pool");
  const mask = base.spec.inputs.mask;
  const pooler = new Pooler(builder, mask, backbone.opsets.get("") ?? 0);
  const pooled = columns.map((column, index) => pooler.pool(taps[index]!, column));
  builder.op("Concat", pooled, { axis: 1 }, FEATURES_OUTPUT);
  const { graph } = backbone;
  return {
    ...backbone,
    graph: {
      ...graph,
      inputs: withInput(graph.inputs, base.model, pooler.reads),
      nodes: [...graph.nodes, ...builder.nodes],
      initializers: new Map([...graph.initializers, ...builder.initializers]),
      outputs: [valueInfo(FEATURES_OUTPUT, "float32", ["batch", totalWidth(columns)])],
    },
  };
}

/** Early layers may not depend on the mask, so that the cut has dropped it; their pooling does. */
function withInput(
  inputs: Graph["inputs"],
  { graph }: Model,
  wanted: string | undefined,
): Graph["inputs"] {
  if (wanted === undefined || inputs.some(({ name }) => name === wanted)) return inputs;
  return [...inputs, ...graph.inputs.filter(({ name }) => name === wanted)];
}

function tapOf(base: BaseModel, column: FeatureColumn): Tap {
  const tap = base.spec.taps.find(({ name }) => name === column.tap);
  if (tap === undefined) throw new Error(`internal: ${base.spec.id} has no tap ${column.tap}`);
  return tap;
}

/** Writes the pooling of taps; what several taps need of the mask is written once. */
class Pooler {
  readonly #builder: GraphBuilder;
  readonly #mask: string | undefined;
  readonly #opset: number;
  #weightsOfMean: string | undefined;
  #penaltyOfMax: string | undefined;

  constructor(builder: GraphBuilder, mask: string | undefined, opset: number) {
    this.#builder = builder;
    this.#mask = mask;
    this.#opset = opset;
  }

  /** The input that the pooling written so far reads beside the taps. */
  get reads(): string | undefined {
    return (this.#weightsOfMean ?? this.#penaltyOfMax) === undefined ? undefined : this.#mask;
  }

  pool(tap: Tap, { pooling }: FeatureColumn): string {
    const g = this.#builder;
    switch (tap.kind) {
      case "vector":
        return tap.value;
      case "map":
        return g.op("Flatten", [g.op("GlobalAveragePool", [tap.value])], { axis: 1 });
      case "tokens":
        return pooling === "max" ? this.#maxOfTokens(tap.value) : this.#meanOfTokens(tap.value);
    }
  }

  /** mean over tokens under the mask, as a product: (m / sum m)[batch, 1, token] · x[batch, token, channel] */
  #meanOfTokens(value: string): string {
    const g = this.#builder;
    if (this.#mask === undefined) return this.#overTokens("ReduceMean", value);
    this.#weightsOfMean ??= this.#writeMeanWeights(this.#mask);
    const mean = g.op("MatMul", [this.#weightsOfMean, value]);
    return g.op("Squeeze", [mean, g.ints([1])]);
  }

  #writeMeanWeights(mask: string): string {
    const g = this.#builder;
    const weights = g.op("Unsqueeze", [g.op("Cast", [mask], { to: 1 }), g.ints([1])]);
    const count = g.op("ReduceSum", [weights, g.ints([2])], { keepdims: 1 });
    return g.op("Div", [weights, count]);
  }

  /** max over tokens, masked ones moved out of reach: max(x - (1 - m) * 1e9) */
  #maxOfTokens(value: string): string {
    const g = this.#builder;
    let tokens = value;
    if (this.#mask !== undefined) {
      this.#penaltyOfMax ??= this.#writeMaxPenalty(this.#mask);
      tokens = g.op("Add", [value, this.#penaltyOfMax]);
    }
    return this.#overTokens("ReduceMax", tokens);
  }

  /** Axes became an input with operator set 18. */
  #overTokens(opType: "ReduceMean" | "ReduceMax", value: string): string {
    const g = this.#builder;
    return this.#opset < 18
      ? g.op(opType, [value], { axes: [1], keepdims: 0 })
      : g.op(opType, [value, g.ints([1])], { keepdims: 0 });
  }

  #writeMaxPenalty(mask: string): string {
    const g = this.#builder;
    const masked = g.op("Sub", [g.floats([1], [1]), g.op("Cast", [mask], { to: 1 })]);
    return g.op("Unsqueeze", [g.op("Mul", [masked, g.floats([-1e9], [1])]), g.ints([2])]);
  }
}
