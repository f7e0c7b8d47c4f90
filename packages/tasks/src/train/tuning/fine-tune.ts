import type { OnProgress } from "@engraft/core";
import type { RowPredictions, Split } from "@engraft/core/internal";
import { poolViews, type StackedHead } from "@engraft/core/internal";
import type { FineTuningRecord, TaskManifest } from "../../format/manifest/manifest.js";
import {
  type ComparedPredictions,
  comparedMetrics,
  summaryOf,
  type Truth,
} from "../measure/metrics.js";
import { measureGain } from "./gate.js";
import { type TuneContext, tuneAndPredict } from "./tuned.js";

/** A tuned task that is better than the frozen one. */
export interface KeptTuning {
  readonly head: StackedHead;
  /** The weights of the base that changed. */
  readonly adapterFile: Uint8Array;
  readonly outOfFold: TaskManifest["evaluation"]["outOfFold"];
  /** What `outOfFold` was measured on. */
  readonly heldOut: readonly RowPredictions[];
  /** Predictions for the other splits, in the order in which they were asked for. */
  readonly predictions: readonly RowPredictions[];
}

export interface FineTuning {
  readonly record: FineTuningRecord;
  /** Undefined where the frozen base stays. */
  readonly kept: KeptTuning | undefined;
}

/**
 * Fine-tunes behind a gate: on the splits that measured the frozen head, the base is tuned and
 * compared with it; only where that pays is it tuned on all training rows.
 *
 * @param frozen - What the frozen head and its baselines said, split by split.
 * @param others - Rows beside the training rows that the kept task is measured on.
 */
export async function fineTuneBehindGate(
  context: TuneContext,
  splits: readonly Split[],
  frozen: ComparedPredictions,
  trainRows: Int32Array,
  others: readonly Int32Array[],
  truth: Truth,
  onProgress?: OnProgress,
): Promise<FineTuning> {
  const once = firstRepeat(splits, trainRows.length);
  const gate = await measureGain(context, once, frozen.head, onProgress);
  const record: FineTuningRecord = {
    config: context.config,
    kept: gate.passed,
    ...gate.accuracy,
    logLoss: gate.logLoss,
    frozen: summaryOf(gate.frozen, truth),
    tuned: summaryOf(gate.tuned, truth),
  };
  if (!gate.passed) return { record, kept: undefined };
  onProgress?.({ phase: "fine-tune", done: once.length, total: once.length + 1 });
  const { adapterFile, views, heldOut } = await tuneAndPredict(context, trainRows, others);
  const head: StackedHead = { views, weights: gate.weights };
  const predictions = heldOut.map(({ rows, perView }) => ({
    rows,
    logProbabilities: poolViews(head, perView),
  }));
  const baselines = new Map([...frozen.baselines, ["frozen", frozen.head] as const]);
  const outOfFold = comparedMetrics({ head: gate.tuned, baselines }, truth);
  return { record, kept: { head, adapterFile, outOfFold, heldOut: gate.tuned, predictions } };
}

/** The splits of a repeated cross-validation that test every row once: tuning is slow. */
export function firstRepeat(splits: readonly Split[], rows: number): readonly Split[] {
  let tested = 0;
  const end = splits.findIndex(({ test }) => {
    tested += test.length;
    return tested >= rows;
  });
  return end < 0 ? splits : splits.slice(0, end + 1);
}
