import { measureCalibration } from "@engraft/core";
import type { Prediction } from "@engraft/core/internal";
import { measureWithIntervals } from "@engraft/core/internal";
import type { ComparedMetrics, Figures, Interval, SummaryMetrics } from "../format/manifest.js";

/** What predictions are measured against. */
export interface Truth {
  /** Class of each row. */
  readonly targets: Int32Array;
  /** Group of each row: rows of one group count as one draw. */
  readonly groups: Int32Array;
  readonly labels: readonly string[];
}

/** What a head and its baselines predicted for rows that none of them had seen. */
export interface ComparedPredictions {
  readonly head: readonly Prediction[];
  /** By name of the baseline. */
  readonly baselines: ReadonlyMap<string, readonly Prediction[]>;
}

/** Measures predictions and names the classes by their labels. */
export function metricsOf(predictions: readonly Prediction[], truth: Truth): Figures {
  const { labels, targets, groups } = truth;
  const measured = measureWithIntervals({ predictions, targets, groups });
  return {
    n: measured.n,
    accuracy: measured.accuracy,
    balancedAccuracy: measured.balancedAccuracy,
    macroF1: measured.macroF1,
    logLoss: measured.logLoss,
    intervals: {
      accuracy: pair(measured.intervals.accuracy),
      balancedAccuracy: pair(measured.intervals.balancedAccuracy),
      macroF1: pair(measured.intervals.macroF1),
      logLoss: pair(measured.intervals.logLoss),
    },
    perClass: measured.perClass.map((entry, index) => ({ label: labels[index]!, ...entry })),
    confusion: measured.confusion,
    labels,
    calibrationError: measureCalibration(predictions, targets).expectedError,
  };
}

/** Measures a head beside its baselines. */
export function comparedMetrics(
  { head, baselines }: ComparedPredictions,
  truth: Truth,
): ComparedMetrics {
  return {
    ...metricsOf(head, truth),
    baselines: Object.fromEntries(
      Array.from(baselines, ([name, predictions]) => [name, summaryOf(predictions, truth)]),
    ),
  };
}

/** The same figures without those of each label. */
export function summaryOf(predictions: readonly Prediction[], truth: Truth): SummaryMetrics {
  const { n, accuracy, balancedAccuracy, macroF1, logLoss, intervals } = metricsOf(
    predictions,
    truth,
  );
  return { n, accuracy, balancedAccuracy, macroF1, logLoss, intervals };
}

function pair({ lower, upper }: { lower: number; upper: number }): Interval {
  return [lower, upper];
}
