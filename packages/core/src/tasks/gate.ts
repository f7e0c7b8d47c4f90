import type { Split } from "../evaluate/folds.js";
import type { Prediction } from "../evaluate/metrics.js";
import { rowOf } from "../math/matrix.js";
import { indexOfLargest } from "../math/vector.js";
import type { OnProgress } from "../platform.js";
import { type TuneContext, tuneAndPredict } from "./tuned.js";

/** Whether fine-tuning pays, measured on rows that neither side has seen. */
export interface GateResult {
  /** Whether the tuned model is better by more than one standard error. */
  readonly passed: boolean;
  /** Gain in accuracy, tuned minus frozen, over the same rows. */
  readonly gain: number;
  readonly standardError: number;
  /** What both said about the same rows. */
  readonly frozen: readonly Prediction[];
  readonly tuned: readonly Prediction[];
}

/**
 * Tunes on the training part of each split and compares what it says about the test part with what
 * the frozen head said. Rows are compared in pairs: what is hard for both does not count.
 *
 * @param frozen - Predictions of the frozen head for the test part of each split, in their order.
 */
export async function measureGain(
  context: TuneContext,
  splits: readonly Split[],
  frozen: readonly Prediction[],
  onProgress?: OnProgress,
): Promise<GateResult> {
  const tuned: Prediction[] = [];
  for (const [index, { train, test }] of splits.entries()) {
    onProgress?.({ phase: "fine-tune", done: index, total: splits.length });
    const { predictions } = await tuneAndPredict(context, train, [test]);
    tuned.push(predictions[0]!);
  }
  const { targets } = context.examples;
  const differences = splits.flatMap((_, index) => {
    const before = hits(frozen[index]!, targets);
    return hits(tuned[index]!, targets).map((hit, row) => hit - before[row]!);
  });
  const gain = mean(differences);
  const variance = mean(differences.map((difference) => (difference - gain) ** 2));
  const standardError = Math.sqrt(variance / Math.max(1, differences.length - 1));
  const compared = frozen.slice(0, splits.length);
  return {
    passed: gain > (1 + ROUNDING) * standardError,
    gain,
    standardError,
    frozen: compared,
    tuned,
  };
}

/** One row that differs makes gain and standard error equal; rounding must not decide then. */
const ROUNDING = 1e-9;

/** 1 for each row whose most probable class is the right one. */
function hits({ rows, logProbabilities }: Prediction, targets: Int32Array): number[] {
  return Array.from(rows, (row, index) => {
    const best = indexOfLargest(rowOf(logProbabilities, index));
    return Number(best === targets[row]);
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
