import { inferTypes, type LeftOut, type Model as OnnxModel, type ValueInfo } from "@engraft/onnx";
import type { Layout } from "../../layers/layout.js";
import { discoverWeights, type FoundWeight } from "../graph/discover.js";
import { TrainableFlags } from "../weights/flags.js";
import { Weight } from "../weights/weight.js";
import type { LowRankModel } from "./low-rank.js";
import type { InputPreparation } from "./preparation.js";

/** What is known of a model beside its graph. */
export interface ModelDetails {
  /** Values of the graph by the names under which users know them: `features`, `block.3`. */
  readonly taps?: ReadonlyMap<string, string> | undefined;
  /** How raw texts and images become the model's inputs; without it only tensors are taken. */
  readonly preparation?: InputPreparation | undefined;
  /** Where the channels of the inputs are; by default the preparation or the operators tell. */
  readonly inputLayout?: Layout | undefined;
}

/** What a model is made of. */
export interface ModelParts extends ModelDetails {
  /** Typed; the values of its initializers may be out of date, those of the weights count. */
  readonly onnx: OnnxModel;
  /** Inputs of the whole model: a cut may not read all of them, what is put on it may again. */
  readonly inputs: readonly ValueInfo[];
  readonly weights: readonly Weight[];
  readonly flags: TrainableFlags;
  readonly lowRank: readonly LowRankModel[];
  /** Floats that the model stores and that are not trained, with the reason. */
  readonly leftOut: readonly LeftOut[];
}

/** Takes a normalised model apart. */
export function takeApart(normal: OnnxModel, details: ModelDetails): ModelParts {
  const found = discoverWeights(normal);
  const flags = new TrainableFlags();
  const weights = found.weights.map((weight) => ownWeight(weight, flags));
  const onnx = inferTypes(withWeights(found.model, weights));
  const { inputs } = onnx.graph;
  const { leftOut } = found;
  return { ...details, onnx, inputs, weights, flags, lowRank: [], leftOut };
}

/** The parts with some changed, without the weights that are no longer in the graph. */
export function changeParts(parts: ModelParts, changed: Partial<ModelParts>): ModelParts {
  const all = { ...parts, ...changed };
  const { initializers } = all.onnx.graph;
  const before = parts.onnx.graph.initializers;
  return {
    ...all,
    weights: all.weights.filter(({ name }) => initializers.has(name)),
    leftOut: all.leftOut.filter(({ name }) => initializers.has(name) || !before.has(name)),
  };
}

/** A weight that does not share its values with where they come from. */
export function ownWeight(
  { name, kind, tensor: { dims, data } }: FoundWeight,
  flags: TrainableFlags,
): Weight {
  return new Weight({ name, shape: dims, kind, data: data.slice(), flags });
}

/** A model with the values that weights have now. */
export function withWeights(model: OnnxModel, weights: readonly Weight[]): OnnxModel {
  if (weights.length === 0) return model;
  const initializers = new Map(model.graph.initializers);
  for (const weight of weights) initializers.set(weight.name, weight.tensor);
  return { ...model, graph: { ...model.graph, initializers } };
}
