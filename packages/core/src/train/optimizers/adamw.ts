import { AdamWKernel } from "./adamw-kernel.js";
import { type Optimizer, rangeOf } from "./optimizer.js";

/** Settings of AdamW. */
export interface AdamWOptions {
  /** Decay of the mean of the gradients. */
  readonly beta1: number;
  /** Decay of the mean of their squares. */
  readonly beta2: number;
  /** Keeps the division finite where gradients vanish. */
  readonly epsilon: number;
}

/**
 * AdamW (Loshchilov and Hutter 2019) with bias correction, with the update of PyTorch's `AdamW`:
 *
 *     w ← w · (1 - rate · decay)
 *     m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²
 *     w ← w - rate · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * Without weight decay it is Adam.
 */
export function adamW({ beta1, beta2, epsilon }: AdamWOptions): Optimizer {
  const kernel = new AdamWKernel();
  return {
    slots: ["mean", "variance"],
    decoupledDecay: true,
    place: (arrays) => kernel.place(arrays),
    update(update) {
      const { weight, gradient, slots, learningRate, weightDecay, step } = update;
      const [means, variances] = slots as [Float32Array, Float32Array];
      kernel.move({ weight, gradient, means, variances }, rangeOf(update), {
        decay: 1 - learningRate * weightDecay,
        gain1: 1 - beta1,
        beta2,
        gain2: 1 - beta2,
        rate: learningRate / (1 - beta1 ** step),
        correction: 1 / Math.sqrt(1 - beta2 ** step),
        epsilon,
      });
    },
  };
}
