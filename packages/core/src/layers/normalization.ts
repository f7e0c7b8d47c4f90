import { float } from "@engraft/onnx";
import { type LayerOptions, requireRank, requireSize, type SingleLayer } from "./new-layer.js";

/** Options of {@link batchNorm}. */
export interface BatchNormOptions extends LayerOptions {
  /** Added to the variance. Default: 1e-5. */
  readonly epsilon?: number;
  /** What stays of the running statistics at each training step. Default: 0.9. */
  readonly momentum?: number;
}

/**
 * Batch normalisation over the channels (axis 1). In training a trainable layer uses the statistics
 * of its batch and moves the running ones, `running_mean` and `running_var`; a frozen layer, and
 * inference, use the running ones (Ioffe and Szegedy 2015).
 */
export function batchNorm(options: BatchNormOptions = {}): SingleLayer {
  const { epsilon = 1e-5, momentum = 0.9 } = options;
  return {
    kind: "batchNorm",
    name: options.name,
    channels: (rank) => (rank < 3 ? undefined : { layout: "channels-first", isNeeded: true }),
    write(scope) {
      requireRank(scope, [2, 3, 4, 5], "The channels are axis 1.");
      const shape = [requireSize(scope, 1)];
      const parameters = [
        scope.weight({ role: "weight", shape, initializer: "ones" }),
        scope.weight({ role: "bias", shape, initializer: "zeros" }),
        scope.weight({ role: "running_mean", shape, initializer: "zeros", kind: "state" }),
        scope.weight({ role: "running_var", shape, initializer: "ones", kind: "state" }),
      ];
      return scope.builder.op("BatchNormalization", [scope.input, ...parameters], {
        epsilon: float(epsilon),
        momentum: float(momentum),
      });
    },
  };
}

/** Options of {@link layerNorm}. */
export interface LayerNormOptions extends LayerOptions {
  /** Added to the variance. Default: 1e-5. */
  readonly epsilon?: number;
}

/** Layer normalisation of [batch, features], or of each token of [batch, token, features] (Ba et al. 2016). */
export function layerNorm(options: LayerNormOptions = {}): SingleLayer {
  const { epsilon = 1e-5 } = options;
  return {
    kind: "layerNorm",
    name: options.name,
    channels: (rank) => (rank === 3 ? { layout: "channels-last", isNeeded: false } : undefined),
    write(scope) {
      requireRank(scope, [2, 3], "Maps of channels take batchNorm().");
      const shape = [requireSize(scope, -1)];
      const scale = scope.weight({ role: "weight", shape, initializer: "ones" });
      const shift = scope.weight({ role: "bias", shape, initializer: "zeros" });
      return scope.builder.op("LayerNormalization", [scope.input, scale, shift], {
        axis: -1,
        epsilon: float(epsilon),
      });
    },
  };
}
