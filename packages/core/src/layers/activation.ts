import type { GraphBuilder } from "@engraft/onnx";
import { type LayerOptions, mapsOrTokens, type SingleLayer } from "./new-layer.js";

/** Functions that are applied to each value; `softmax` to all values of a row. */
export type ActivationKind =
  | "relu"
  | "gelu"
  | "silu"
  | "tanh"
  | "sigmoid"
  | "softmax"
  | "hardSwish"
  | "leakyRelu";

/** Slope of `leakyRelu` below zero. */
const LEAK = 0.01;

/**
 * An activation function. `gelu` is the exact one (by erf), `silu` is x · sigmoid(x), `leakyRelu` has
 * slope 0.01 below zero, and `softmax` runs over the channels: the last axis, axis 1 of maps.
 */
export function activation(kind: ActivationKind, options: LayerOptions = {}): SingleLayer {
  return {
    kind,
    name: options.name,
    ...(kind === "softmax" && { channels: mapsOrTokens }),
    write: ({ builder, input, type }) =>
      writeActivation(builder, kind, input, type.shape?.length ?? 0),
  };
}

/** Writes an activation of a value with `rank` axes. */
export function writeActivation(
  g: GraphBuilder,
  kind: ActivationKind,
  input: string,
  rank: number,
): string {
  switch (kind) {
    case "relu":
      return g.op("Relu", [input]);
    case "gelu":
      return g.op("Gelu", [input]);
    case "silu":
      return g.op("Mul", [input, g.op("Sigmoid", [input])]);
    case "tanh":
      return g.op("Tanh", [input]);
    case "sigmoid":
      return g.op("Sigmoid", [input]);
    case "softmax":
      return g.op("Softmax", [input], { axis: rank > 3 ? 1 : -1 });
    case "hardSwish":
      return g.op("HardSwish", [input]);
    case "leakyRelu":
      return g.op("LeakyRelu", [input], { alpha: LEAK });
  }
}
