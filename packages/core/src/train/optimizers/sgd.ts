import { type Optimizer, type OptimizerUpdate, rangeOf } from "./optimizer.js";

/** Settings of stochastic gradient descent. */
export interface SgdOptions {
  /** Share of the previous direction that is kept, from 0 to below 1. */
  readonly momentum: number;
  /** Look ahead along the momentum (Nesterov). */
  readonly nesterov: boolean;
}

/**
 * Stochastic gradient descent with momentum, with the update of PyTorch's `SGD`:
 *
 *     g ← g + decay · w;  m ← momentum · m + g;  w ← w - rate · (nesterov ? g + momentum · m : m)
 *
 * Weight decay is coupled: it is part of the gradient.
 */
export function sgd({ momentum, nesterov }: SgdOptions): Optimizer {
  return momentum === 0
    ? { slots: [], decoupledDecay: false, place: (arrays) => [...arrays], update: descend }
    : {
        slots: ["momentum"],
        decoupledDecay: false,
        place: (arrays) => [...arrays],
        update: (update) => descendWithMomentum(update, momentum, nesterov),
      };
}

function descend(update: OptimizerUpdate): void {
  const { weight, gradient, learningRate, weightDecay } = update;
  const { start, end, gradientStart } = rangeOf(update);
  const offset = gradientStart - start;
  for (let i = start; i < end; i++) {
    const value = weight[i]!;
    weight[i] = value - learningRate * (gradient[i + offset]! + weightDecay * value);
  }
}

function descendWithMomentum(update: OptimizerUpdate, momentum: number, nesterov: boolean): void {
  const { weight, gradient, slots, learningRate, weightDecay } = update;
  const [velocity] = slots as [Float32Array];
  const { start, end, gradientStart } = rangeOf(update);
  const offset = gradientStart - start;
  // The direction is the velocity, or one step of momentum ahead of it.
  const ahead = nesterov ? momentum : 1;
  const direct = nesterov ? 1 : 0;
  for (let i = start; i < end; i++) {
    const value = weight[i]!;
    const slope = gradient[i + offset]! + weightDecay * value;
    const speed = momentum * velocity[i]! + slope;
    velocity[i] = speed;
    weight[i] = value - learningRate * (direct * slope + ahead * speed);
  }
}
