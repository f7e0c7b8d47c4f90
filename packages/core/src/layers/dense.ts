import { type ActivationKind, writeActivation } from "./activation.js";
import type { Initializer } from "./initializers.js";
import {
  type LayerOptions,
  requireRank,
  requireSize,
  requireWhole,
  type SingleLayer,
} from "./new-layer.js";

/** Options of {@link dense}. */
export interface DenseOptions extends LayerOptions {
  /** Applied to the result. Default: none. */
  readonly activation?: ActivationKind;
  /** Whether there is a bias. Default: true. */
  readonly bias?: boolean;
  /** How the matrix starts. Default: `glorot-uniform`. The bias starts at zero. */
  readonly initializer?: Initializer;
}

/**
 * A fully connected layer, x · weight + bias: from [batch, features] to [batch, units], or from
 * [batch, token, features] for each token. `weight` is [features, units], `bias` [units].
 */
export function dense(units: number, options: DenseOptions = {}): SingleLayer {
  requireWhole("dense", "units", units);
  const { bias = true, initializer = "glorot-uniform", activation } = options;
  return {
    kind: "dense",
    name: options.name,
    channels: (rank) => (rank === 3 ? { layout: "channels-last", isNeeded: false } : undefined),
    write(scope) {
      const g = scope.builder;
      const rank = requireRank(
        scope,
        [2, 3],
        "Put globalAveragePool() or flatten() before dense().",
      );
      const shape = [requireSize(scope, -1), units];
      const product = g.op("MatMul", [
        scope.input,
        scope.weight({ role: "weight", shape, initializer }),
      ]);
      const sum = bias
        ? g.op("Add", [
            product,
            scope.weight({ role: "bias", shape: [units], initializer: "zeros" }),
          ])
        : product;
      return activation === undefined ? sum : writeActivation(g, activation, sum, rank);
    },
  };
}

/**
 * A table of vectors: from int64 numbers [batch, ...] below `vocabulary` to [batch, ..., size].
 * `weight` is [vocabulary, size] and starts normal with standard deviation 0.02.
 */
export function embedding(
  vocabulary: number,
  size: number,
  options: LayerOptions = {},
): SingleLayer {
  requireWhole("embedding", "vocabulary", vocabulary);
  requireWhole("embedding", "size", size);
  return {
    kind: "embedding",
    name: options.name,
    write(scope) {
      const shape = [vocabulary, size];
      const table = scope.weight({ role: "weight", shape, initializer: "normal" });
      return scope.builder.op("Gather", [table, scope.input]);
    },
  };
}
