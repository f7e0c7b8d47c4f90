import type { Interval, LearningCurve } from "@engraft/core/internal";
import { forecastGain } from "@engraft/core/internal";
import type { SuspiciousExample } from "./label-errors.js";

/** What is forecast of the accuracy after more labels. Intervals hold in about 80 of 100 cases. */
export interface AccuracyForecast {
  /** Accuracy after the labels. */
  readonly accuracy: number;
  readonly interval: Interval;
  /** How much more that is than by the same curve with the examples that there are. */
  readonly gain: number;
  readonly gainInterval: Interval;
  /** Views that the learning curve is of: those of the task, or on large data the main one. */
  readonly learners: readonly string[];
}

/**
 * What to do next: label the batch (`label`), settle labels that look wrong first (`settle`), label no
 * more examples of this kind (`stop`); `unknown` where the batch cannot be forecast.
 */
export type NextStep = "label" | "settle" | "stop" | "unknown";

/** What the next batch of labels will bring, and what else there is to do. */
export interface NextBatch {
  /** How many labels the batch has. */
  readonly labels: number;
  /** Undefined where it cannot be known. */
  readonly forecast: AccuracyForecast | undefined;
  /** Why it cannot be known, as a sentence. */
  readonly unknown: string | undefined;
  /**
   * Training examples whose labels are probably mixed up: heads that had not seen them are sure of
   * another label, and most of their nearest neighbours have another label, too. Undefined where the
   * task keeps no examples.
   */
  readonly mixUps: readonly SuspiciousExample[] | undefined;
  /** Accuracy that these can bring at most when they are settled: their share of the examples. */
  readonly atStake: number | undefined;
  readonly step: NextStep;
}

/** What is known of how a task learns, or a sentence why nothing is. */
type Learning =
  | { readonly curve: LearningCurve; readonly learners: readonly string[] }
  | { readonly unknown: string };

/** Labels of training examples that look wrong. */
interface JudgedExamples {
  /** How many examples were judged. */
  readonly judged: number;
  readonly suspects: readonly SuspiciousExample[];
}

/** The share of neighbours with another label from which on they speak against a label. */
const MOST_DISAGREE = 0.5;
/** Where not even the upper end of a forecast reaches so much accuracy, more labels are not worth it. */
const WORTH_LABELLING = 0.005;

/**
 * Weighs the next batch of labels against settling labels that look wrong. Settling is advised where it
 * takes no more looks than the batch and can bring at least as much accuracy.
 *
 * @param labels - How many labels the batch has.
 * @param examples - Undefined where the task keeps none.
 */
export function adviseNext(
  labels: number,
  learning: Learning,
  examples: JudgedExamples | undefined,
): NextBatch {
  const { forecast, unknown } = forecastOf(labels, learning);
  const mixUps = examples?.suspects.filter(
    ({ neighboursDisagreeing: share }) => share !== undefined && share >= MOST_DISAGREE,
  );
  const atStake = mixUps && examples && mixUps.length / examples.judged;
  const found = mixUps?.length ?? 0;
  const step = stepOf(forecast, found > 0 && found <= labels ? atStake : undefined);
  return { labels, forecast, unknown, mixUps, atStake, step };
}

function stepOf(forecast: AccuracyForecast | undefined, settling: number | undefined): NextStep {
  if (forecast === undefined) return "unknown";
  if (settling !== undefined && settling >= forecast.gain) return "settle";
  return forecast.gainInterval[1] < WORTH_LABELLING ? "stop" : "label";
}

function forecastOf(labels: number, learning: Learning): Pick<NextBatch, "forecast" | "unknown"> {
  if ("unknown" in learning) return { forecast: undefined, unknown: learning.unknown };
  const { curve, learners } = learning;
  const found = forecastGain(curve, labels);
  if (found === undefined) return { forecast: undefined, unknown: whyUnknown(curve, labels) };
  const { error, interval, gain, gainInterval } = found;
  return {
    forecast: {
      accuracy: 1 - error,
      interval: [1 - interval[1], 1 - interval[0]],
      gain,
      gainInterval,
      learners,
    },
    unknown: undefined,
  };
}

function whyUnknown({ backTest, examples }: LearningCurve, labels: number): string {
  if (backTest === undefined) {
    return "There are too few examples to test a forecast on what is known.";
  }
  if (!backTest.holds) {
    return (
      `A forecast from ${backTest.fittedUpTo} of the examples does not hold for ` +
      `${backTest.examples} of them, so none is made for more.`
    );
  }
  return `${labels} more labels are too many to forecast from ${examples}.`;
}
