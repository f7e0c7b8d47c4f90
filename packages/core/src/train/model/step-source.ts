import type { Model } from "../../model/model.js";
import type { StepSource } from "../step/compile-step.js";

/** The part of a model that training compiles. */
export function stepSourceOf(model: Model): StepSource {
  return {
    model: model.graph,
    output: model.output.name,
    trainable: model.trainableWeights.map(({ name }) => name),
    trainableNorms: model.trainableNorms,
  };
}
