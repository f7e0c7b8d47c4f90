import type { RowPredictions } from "@engraft/core/internal";
import { measureCalibration, measureWithIntervals } from "@engraft/core/internal";
import type { ComparedMetrics, Metrics, SummaryMetrics } from "../../format/manifest/manifest.js";

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
  readonly head: readonly RowPredictions[];
  /** By name of the baseline. */
  readonly baselines: ReadonlyMap<string, readonly RowPredictions[]>;
}

/** Measures predictions and names the classes by their labels. */
export function metricsOf(predictions: readonly RowPredictions[], truth: Truth): Metrics {
  const { labels, targets, groups } = truth;
  const measured = measureWithIntervals({ predictions, targets, groups });
  return {
    n: measured.n,
    accuracy: measured.accuracy,
    balancedAccuracy: measured.balancedAccuracy,
    macroF1: measured.macroF1,
    logLoss: measured.logLoss,
    intervals: measured.intervals,
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

/** The same metrics without those of each label. */
export function summaryOf(predictions: readonly RowPredictions[], truth: Truth): SummaryMetrics {
  const { n, accuracy, balancedAccuracy, macroF1, logLoss, intervals } = metricsOf(
    predictions,
    truth,
  );
  return { n, accuracy, balancedAccuracy, macroF1, logLoss, intervals };
}
