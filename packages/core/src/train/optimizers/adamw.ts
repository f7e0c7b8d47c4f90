import { type Optimizer, type OptimizerUpdate, rangeOf } from "./optimizer.js";

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
  return {
    slots: ["mean", "variance"],
    decoupledDecay: true,
    update(update) {
      const { learningRate, weightDecay, step } = update;
      moveAll(update, {
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

/** What is the same for all elements of one update. */
interface Factors {
  readonly decay: number;
  readonly gain1: number;
  readonly beta2: number;
  readonly gain2: number;
  readonly rate: number;
  readonly correction: number;
  readonly epsilon: number;
}

// One pass over four arrays: the loop is bound by memory, so nothing is read twice.
function moveAll(update: OptimizerUpdate, factors: Factors): void {
  const { weight, gradient, slots } = update;
  const [means, variances] = slots as [Float32Array, Float32Array];
  const { start, end, gradientStart } = rangeOf(update);
  const { decay, gain1, beta2, gain2, rate, correction, epsilon } = factors;
  const offset = gradientStart - start;
  for (let i = start; i < end; i++) {
    const slope = gradient[i + offset]!;
    const oldMean = means[i]!;
    const mean = oldMean + gain1 * (slope - oldMean);
    const variance = beta2 * variances[i]! + gain2 * slope * slope;
    means[i] = mean;
    variances[i] = variance;
    weight[i] = weight[i]! * decay - (rate * mean) / (Math.sqrt(variance) * correction + epsilon);
  }
}
