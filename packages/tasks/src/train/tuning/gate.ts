import type { OnProgress } from "@engraft/core";
import type { LabelledFeatures, RowPredictions, Split } from "@engraft/core/internal";
import { indexOfLargest, rowOf } from "@engraft/core/internal";
import type { MeasuredGain as Gain } from "../../format/manifest/beside-labels.js";
import { type HeldOutViews, stackHeldOut } from "../measure/held-out-stack.js";
import { type TuneContext, tuneAndPredict, tunedRecipes } from "./tuned.js";

/** Whether fine-tuning pays, measured on rows that neither side has seen. */
export interface GateResult {
  /** Whether the tuned model is worth keeping: see {@link paysOff}. */
  readonly passed: boolean;
  /** Tuned minus frozen, over the same rows. */
  readonly accuracy: Gain;
  /** Frozen minus tuned, in nats, over the same rows. */
  readonly logLoss: Gain;
  /** What both said about the same rows. */
  readonly frozen: readonly RowPredictions[];
  readonly tuned: readonly RowPredictions[];
  /** Weights of the views in the stack on a tuned base. */
  readonly weights: readonly number[];
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
  frozen: readonly RowPredictions[],
  onProgress?: OnProgress,
): Promise<GateResult> {
  const heldOut: HeldOutViews[] = [];
  for (const [index, { train, test }] of splits.entries()) {
    onProgress?.({ phase: "fine-tune", done: index, total: splits.length });
    heldOut.push(...(await tuneAndPredict(context, train, [test])).heldOut);
  }
  const { predictions: tuned, weights } = stackHeldOut(
    heldOut,
    tunedRecipes(context),
    context.examples,
    context.fitting.random.derive("held-out stack"),
  );
  const compared = frozen.slice(0, splits.length);
  const { accuracy, logLoss } = gainsOver(compared, tuned, context.examples);
  return {
    passed: paysOff(logLoss, accuracy, context.config.margin),
    accuracy,
    logLoss,
    frozen: compared,
    tuned,
    weights,
  };
}

/**
 * What predictions gain over others of the same rows, compared in pairs: what is hard for both does not
 * count.
 *
 * @param before - In the same parts as `after`.
 */
export function gainsOver(
  before: readonly RowPredictions[],
  after: readonly RowPredictions[],
  { targets, groups }: Pick<LabelledFeatures, "targets" | "groups">,
): { readonly accuracy: Gain; readonly logLoss: Gain } {
  const rows = before.flatMap((part) => [...part.rows]);
  const gainIn = (score: Score): Gain => {
    const scoresBefore = scores(before, targets, score);
    return meanOf(
      scores(after, targets, score).map((value, row) => value - scoresBefore[row]!),
      rows.map((row) => groups[row]!),
    );
  };
  return { accuracy: gainIn(isRight), logLoss: gainIn(logProbability) };
}

/**
 * Whether log-loss is better by more than so many standard errors, and accuracy not worse by more than
 * one.
 *
 * Log-loss decides, because every row has a say in it. Accuracy counts only the few rows on which the
 * two differ: of 64 rows, 3 points are two rows, and two rows are noise, in either direction. The rule
 * is compared with others in docs/internals/gate.md.
 *
 * @param margin - How many standard errors of the gain in log-loss; 0 or more.
 */
export function paysOff(logLoss: Gain, accuracy: Gain, margin: number): boolean {
  const isBetter = logLoss.gain > ROUNDING + margin * logLoss.standardError;
  return isBetter && accuracy.gain >= -accuracy.standardError - ROUNDING;
}

/** Where two metrics are equal, rounding must not decide: nats, or shares of rows. */
const ROUNDING = 1e-9;

type Row = Float32Array | Float64Array;

/** How good the log-probabilities of a row are; larger is better. */
type Score = (logProbabilities: Row, target: number) => number;

function isRight(logProbabilities: Row, target: number): number {
  return Number(indexOfLargest(logProbabilities) === target);
}

/** Bounded, so that one row cannot decide alone. */
function logProbability(logProbabilities: Row, target: number): number {
  return Math.max(LEAST_LOG_PROBABILITY, logProbabilities[target]!);
}

const LEAST_LOG_PROBABILITY = Math.log(1e-6);

function scores(parts: readonly RowPredictions[], targets: Int32Array, score: Score): number[] {
  return parts.flatMap(({ rows, logProbabilities }) =>
    Array.from(rows, (row, index) => score(rowOf(logProbabilities, index), targets[row]!)),
  );
}

/** The mean, and its standard error where rows of one group count as one draw. */
function meanOf(values: readonly number[], groups: readonly number[]): Gain {
  const gain = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviations = new Map<number, number>();
  values.forEach((value, row) => {
    const group = groups[row]!;
    deviations.set(group, (deviations.get(group) ?? 0) + value - gain);
  });
  const count = deviations.size;
  const squares = [...deviations.values()].reduce((sum, value) => sum + value * value, 0);
  const standardError = Math.sqrt((squares * count) / Math.max(1, count - 1)) / values.length;
  return { gain, standardError };
}
