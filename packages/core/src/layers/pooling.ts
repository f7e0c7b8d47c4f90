import type { GraphBuilder } from "@engraft/onnx";
import {
  type LayerOptions,
  type LayerScope,
  mapsOrTokens,
  requireRank,
  type SingleLayer,
} from "./new-layer.js";

const RANK_HINT =
  "It pools maps [batch, channel, height, width] and tokens [batch, token, channel].";

/** Mean over the image, or over the tokens that are not padding: to [batch, channel]. */
export function globalAveragePool(options: LayerOptions = {}): SingleLayer {
  return globalPool("globalAveragePool", "GlobalAveragePool", meanOfTokens, options);
}

/** Largest value over the image, or over the tokens that are not padding: to [batch, channel]. */
export function globalMaxPool(options: LayerOptions = {}): SingleLayer {
  return globalPool("globalMaxPool", "GlobalMaxPool", maxOfTokens, options);
}

/** Puts all axes but the first into one, in the order in which they are: [batch, a, b] to [batch, a · b]. */
export function flatten(options: LayerOptions = {}): SingleLayer {
  return {
    kind: "flatten",
    name: options.name,
    write: ({ builder, input }) => builder.op("Flatten", [input], { axis: 1 }),
  };
}

function globalPool(
  kind: string,
  operator: string,
  ofTokens: (g: GraphBuilder, tokens: string, mask: string | undefined) => string,
  { name }: LayerOptions,
): SingleLayer {
  const write = (scope: LayerScope): string => {
    const { builder: g, input, mask } = scope;
    if (requireRank(scope, [3, 4], RANK_HINT) === 3) return ofTokens(g, input, mask);
    return g.op("Flatten", [g.op(operator, [input])], { axis: 1 });
  };
  return { kind, name, channels: mapsOrTokens, write };
}

/** As a product over the tokens: (m / sum m)[batch, 1, token] · x[batch, token, channel]. */
function meanOfTokens(g: GraphBuilder, tokens: string, mask: string | undefined): string {
  if (mask === undefined) return g.op("ReduceMean", [tokens, g.ints([1])], { keepdims: 0 });
  const ones = g.op("Unsqueeze", [g.op("Cast", [mask], { to: 1 }), g.ints([1])]);
  const count = g.op("ReduceSum", [ones, g.ints([2])], { keepdims: 1 });
  const mean = g.op("MatMul", [g.op("Div", [ones, count]), tokens]);
  return g.op("Squeeze", [mean, g.ints([1])]);
}

/** Padding is moved out of reach: max(x - (1 - m) · 1e9). */
function maxOfTokens(g: GraphBuilder, tokens: string, mask: string | undefined): string {
  const max = (values: string) => g.op("ReduceMax", [values, g.ints([1])], { keepdims: 0 });
  if (mask === undefined) return max(tokens);
  const padding = g.op("Sub", [g.floats([1], [1]), g.op("Cast", [mask], { to: 1 })]);
  const penalty = g.op("Mul", [padding, g.floats([-1e9], [1])]);
  return max(g.op("Add", [tokens, g.op("Unsqueeze", [penalty, g.ints([2])])]));
}
