import { UsageError } from "../../errors.js";

/** The learning rates of a sweep. */
export interface LearningRateRange {
  /** The lowest. Default 1e-7. */
  readonly start?: number | undefined;
  /** The highest. Default 1. */
  readonly end?: number | undefined;
  /** How many, and so the most updates. Default 100. */
  readonly steps?: number | undefined;
}

/** `steps` values from `start` to `end`, each a constant factor apart. */
export function learningRateSweep({
  start = 1e-7,
  end = 1,
  steps = 100,
}: LearningRateRange): number[] {
  if (!(start > 0 && end > start && Number.isInteger(steps) && steps > 1)) {
    throw new UsageError(
      `A sweep of ${steps} learning rates from ${start} to ${end} is not possible: it needs 0 < start < end and at least 2 steps.`,
    );
  }
  return Array.from({ length: steps }, (_, i) => start * (end / start) ** (i / (steps - 1)));
}

/** Follows the loss during a sweep, without the noise of single batches. */
export class SmoothedLoss {
  #average = 0;
  #count = 0;
  #best = Number.POSITIVE_INFINITY;
  #last = 0;

  /** Adds the loss of a step and returns the smoothed one. */
  add(loss: number): number {
    this.#count += 1;
    this.#average = SMOOTHING * this.#average + (1 - SMOOTHING) * loss;
    const smoothed = this.#average / (1 - SMOOTHING ** this.#count);
    this.#best = Math.min(this.#best, smoothed);
    this.#last = smoothed;
    return smoothed;
  }

  /** Whether the loss is lost: not a number, or far above the best. The sweep can end there. */
  get diverged(): boolean {
    return !(this.#last <= DIVERGED * this.#best);
  }
}

/** Share of the past in the running mean, as in fastai. */
const SMOOTHING = 0.98;
/** A loss so many times the best one will not come back. */
const DIVERGED = 4;

/** What a sweep says about the learning rate. */
export interface LearningRateSuggestion {
  /**
   * The one to use: the middle of the longest fall of the loss, where it falls well and is far from
   * turning (fastai's "valley"). Undefined where the loss never falls.
   */
  readonly suggestion: number | undefined;
  /** Where the loss falls fastest over the logarithm of the learning rate. */
  readonly steepest: number | undefined;
}

/**
 * Reads a learning rate off a sweep (Smith 2017).
 *
 * @param learningRates - Those of the steps that were made, ascending.
 * @param losses - The smoothed loss after each of them.
 */
export function suggestLearningRate(
  learningRates: readonly number[],
  losses: readonly number[],
): LearningRateSuggestion {
  return {
    suggestion: learningRates[valley(losses)],
    steepest: learningRates[steepestFall(learningRates, losses)],
  };
}

/** The middle of the second third of the longest strictly falling subsequence, or -1. */
function valley(losses: readonly number[]): number {
  const lengths = losses.map(() => 1);
  let end = 0;
  for (let i = 1; i < losses.length; i++) {
    for (let j = 0; j < i; j++) {
      if (losses[i]! < losses[j]! && lengths[i]! <= lengths[j]!) lengths[i] = lengths[j]! + 1;
    }
    if (lengths[i]! > lengths[end]!) end = i;
  }
  const length = lengths[end] ?? 1;
  if (length === 1) return -1;
  const third = length / 3;
  return Math.max(0, end - length) + Math.trunc(third) + Math.trunc(third / 2);
}

/** The step before which the loss fell most for its share of the sweep, or -1. */
function steepestFall(learningRates: readonly number[], losses: readonly number[]): number {
  let steepest = -1;
  let slope = 0;
  for (let i = 1; i < losses.length - 1; i++) {
    const width = Math.log(learningRates[i + 1]! / learningRates[i - 1]!);
    const here = (losses[i + 1]! - losses[i - 1]!) / width;
    if (here < slope) {
      slope = here;
      steepest = i;
    }
  }
  return steepest;
}
