import { UsageError } from "@engraft/core/errors";
import type { TaskManifest } from "../format/manifest.js";
import type { Trust } from "../format/trust.js";
import type { Prediction } from "./task-head.js";

/** How careful an answer is to be. */
export interface SelectiveOptions {
  /** Answer only as often as keeps the share of wrong answers within this, between 0 and 1. */
  readonly maxError?: number | undefined;
  /** Name as many labels as hold the right one this often, between 0 and 1. */
  readonly coverage?: number | undefined;
}

/** A prediction, and what the selective that was asked for makes of it. */
export interface SelectivePrediction extends Prediction {
  /** Whether the label is probable enough to be given; where `maxError` was asked for. */
  readonly answered?: boolean;
  /** Labels of which one is right, the most probable first; where `coverage` was asked for. */
  readonly labels?: readonly string[];
}

/** Bounds on probabilities that a selective stands for. */
export interface SelectiveLimits {
  /** Smallest probability that is answered. */
  readonly threshold: number | undefined;
  /** Smallest probability of a label in a set. */
  readonly inSet: number | undefined;
}

/**
 * Looks up what a selective means for a task: the next stricter of the settings that were measured when
 * it was trained.
 *
 * @throws UsageError where nothing so strict was measured, or the task is of a time before it was.
 */
export function selectiveLimits({ trust }: TaskManifest, asked: SelectiveOptions): SelectiveLimits {
  const { maxError, coverage } = asked;
  return {
    threshold: maxError === undefined ? undefined : thresholdFor(maxError, measured(trust)),
    inSet: coverage === undefined ? undefined : inSetFor(coverage, measured(trust)),
  };
}

function measured(trust: Trust | undefined): Trust {
  if (trust !== undefined) return trust;
  throw new UsageError(
    "The task does not know how far its probabilities can be trusted. Train it again with this Engraft.",
  );
}

function thresholdFor(maxError: number, { abstaining }: Trust): number {
  const kept = abstaining.findLast((entry) => entry.maxError <= maxError);
  if (kept !== undefined) return kept.threshold;
  const best = abstaining[0]?.maxError;
  throw new UsageError(
    `The task cannot promise that at most ${maxError} of its answers are wrong` +
      `${best === undefined ? "" : `; it can promise ${best}`}. More examples may allow it.`,
  );
}

function inSetFor(coverage: number, { sets }: Trust): number {
  const set = sets.find((entry) => entry.coverage >= coverage);
  if (set !== undefined) return 1 - set.limit;
  throw new UsageError(
    `Sets of labels can be had that hold the right one in up to ${sets.at(-1)?.coverage} of the cases, not ${coverage}.`,
  );
}

/** Applies limits to a prediction. */
export function withSelection(
  prediction: Prediction,
  { threshold, inSet }: SelectiveLimits,
): SelectivePrediction {
  return {
    ...prediction,
    ...(threshold !== undefined && { answered: prediction.probability >= threshold }),
    ...(inSet !== undefined && { labels: labelsOf(prediction, inSet) }),
  };
}

/** Never empty: the most probable label is always in the set. */
function labelsOf({ label, probabilities }: Prediction, inSet: number): string[] {
  const within = Object.entries(probabilities).filter(
    ([name, probability]) => name === label || probability >= inSet,
  );
  return within.sort(([, a], [, b]) => b - a).map(([name]) => name);
}
