import type { Input } from "@engraft/core";
import type { EvaluateOptions } from "../evaluate/evaluate.js";
import { predictPairs } from "../evaluate/predict-pairs.js";
import type { Predictor } from "../predict/predictor.js";
import type { Prediction } from "../predict/task-head.js";

/** How alike two predictors are. */
export interface Agreement {
  /** Number of inputs that both predicted. */
  readonly n: number;
  /** Share of them to which both give the same label. */
  readonly agreement: number;
  /** Largest difference between the probabilities that both give to a label. */
  readonly largestDifference: number;
}

/**
 * Compares what two predictors of the same labels say about inputs without labels.
 *
 * @throws DataError when there is no input, or one cannot be decoded and may not be skipped.
 */
export async function agreementOf(
  one: Pick<Predictor, "predict">,
  other: Pick<Predictor, "predict">,
  inputs: readonly { readonly source: string; readonly input: Input }[],
  options: EvaluateOptions = {},
): Promise<Agreement> {
  let [same, largestDifference] = [0, 0];
  const n = await predictPairs([one, other], inputs, options, (_, [first, second]) => {
    if (first.label === second.label) same++;
    largestDifference = Math.max(largestDifference, differenceOf(first, second));
  });
  return { n, agreement: same / n, largestDifference };
}

/** The largest difference between two probabilities of a label. */
function differenceOf(one: Prediction, other: Prediction): number {
  const others = new Map(Object.entries(other.probabilities));
  return Object.entries(one.probabilities).reduce(
    (largest, [label, value]) => Math.max(largest, Math.abs(value - others.get(label)!)),
    0,
  );
}
