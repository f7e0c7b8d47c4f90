import { UsageError } from "@engraft/core/errors";
import { isMeasured, type TaskManifest } from "../format/manifest/manifest.js";
import { unmeasuredError } from "../format/manifest/measured.js";
import type { Trust } from "../format/manifest/trust.js";
import type { Prediction } from "./task-head.js";

/** How certain an answer has to be. */
export interface SelectiveOptions {
  /** Accept only predictions that keep the share of wrong ones within this, between 0 and 1. */
  readonly maxErrorRate?: number | undefined;
  /** Name as many labels as hold the right one this often, between 0 and 1. */
  readonly confidence?: number | undefined;
}

/** A prediction, and what selective prediction makes of it where it was asked for. */
export interface SelectivePrediction extends Prediction {
  /** Whether the label is probable enough to be used; with `maxErrorRate`. */
  readonly accepted?: boolean;
  /** Labels of which one is right as often as `confidence` says, the most probable first. */
  readonly predictionSet?: readonly string[];
  /** The most probable labels, the most probable first; with `topK`. */
  readonly ranking?: readonly RankedLabel[];
}

/** A label and how probable it is. */
export interface RankedLabel {
  readonly label: string;
  readonly probability: number;
}

/** Bounds on probabilities that selective options stand for. */
export interface SelectiveLimits {
  /** Smallest probability that is accepted. */
  readonly threshold: number | undefined;
  /** Smallest probability of a label in a set. */
  readonly inSet: number | undefined;
}

/**
 * Looks up what selective options mean for a task: the next stricter of the settings that were measured
 * when it was trained.
 *
 * @throws UsageError where nothing so strict was measured, or the task is of a time before it was.
 */
export function selectiveLimits(
  manifest: TaskManifest,
  { maxErrorRate, confidence }: SelectiveOptions,
): SelectiveLimits {
  return {
    threshold:
      maxErrorRate === undefined ? undefined : thresholdFor(maxErrorRate, trustOf(manifest)),
    inSet: confidence === undefined ? undefined : inSetFor(confidence, trustOf(manifest)),
  };
}

function trustOf(manifest: TaskManifest): Trust {
  if (manifest.trust !== undefined) return manifest.trust;
  if (!isMeasured(manifest)) throw unmeasuredError();
  throw new UsageError(
    "The task does not know how far its probabilities can be trusted. Train it again with this Engraft.",
  );
}

function thresholdFor(maxErrorRate: number, { abstaining }: Trust): number {
  const kept = abstaining.findLast((entry) => entry.maxError <= maxErrorRate);
  if (kept !== undefined) return kept.threshold;
  const best = abstaining[0]?.maxError;
  throw new UsageError(
    `The task cannot promise that at most ${maxErrorRate} of its answers are wrong` +
      `${best === undefined ? "" : `; it can promise ${best}`}. More examples may allow it.`,
  );
}

function inSetFor(confidence: number, { sets }: Trust): number {
  const set = sets.find((entry) => entry.coverage >= confidence);
  if (set !== undefined) return 1 - set.limit;
  throw new UsageError(
    `Prediction sets have a confidence of at most ${sets.at(-1)?.coverage}; ${confidence} was asked for.`,
  );
}

/**
 * Applies limits to a prediction.
 *
 * @param topK - How many of the most probable labels to rank. Default: no ranking.
 */
export function withSelection(
  prediction: Prediction,
  { threshold, inSet }: SelectiveLimits,
  topK?: number,
): SelectivePrediction {
  return {
    ...prediction,
    ...(threshold !== undefined && { accepted: prediction.probability >= threshold }),
    ...(inSet !== undefined && { predictionSet: setOf(prediction, inSet) }),
    ...(topK !== undefined && { ranking: rankedLabels(prediction).slice(0, topK) }),
  };
}

/** Never empty: the most probable label is always in the set. */
function setOf(prediction: Prediction, inSet: number): string[] {
  const within = rankedLabels(prediction).filter(
    ({ label, probability }) => label === prediction.label || probability >= inSet,
  );
  return within.map(({ label }) => label);
}

/** All labels, the most probable first; of equally probable ones in the order of the task. */
function rankedLabels({ probabilities }: Prediction): RankedLabel[] {
  const all = Object.entries(probabilities).map(([label, probability]) => ({ label, probability }));
  return all.sort((a, b) => b.probability - a.probability);
}
