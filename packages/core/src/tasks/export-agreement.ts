import type { Input } from "../dataset/dataset.js";
import { DataError, type DataProblem } from "../errors.js";
import { chunk } from "../features/batches.js";
import type { EvaluateOptions } from "./evaluate.js";
import type { Predictor } from "./predictor.js";
import { unreadableError } from "./read-layers.js";
import type { Prediction } from "./task-head.js";

/** How alike two predictors are. */
export interface Agreement {
  /** Number of inputs that both predicted. */
  readonly n: number;
  /** Share of them to which both give the same label. */
  readonly agreement: number;
  /** Largest difference between the probabilities that both give to a label. */
  readonly largestDifference: number;
}

/** Inputs predicted in one go: bounds the memory. */
const WINDOW = 512;

/**
 * Compares what two predictors of the same labels say about inputs without labels.
 *
 * @throws DataError when there is no input, or one cannot be decoded and may not be skipped.
 */
export async function agreementOf(
  one: Pick<Predictor, "predict">,
  other: Pick<Predictor, "predict">,
  inputs: readonly { readonly source: string; readonly input: Input }[],
  { skipBad, abort, onProgress }: EvaluateOptions = {},
): Promise<Agreement> {
  let [n, same, largestDifference] = [0, 0, 0];
  const problems: DataProblem[] = [];
  for (const window of chunk(inputs, WINDOW)) {
    const given = window.map(({ input }) => input);
    const predictions = await one.predict(given, abort);
    const others = await other.predict(given, abort);
    for (const [row, { source }] of window.entries()) {
      const prediction = predictions[row]!;
      if (prediction instanceof DataError) {
        problems.push({ where: source, what: prediction.message });
        continue;
      }
      // What one can decode the other can, too.
      const another = others[row] as Prediction;
      n++;
      if (prediction.label === another.label) same++;
      largestDifference = Math.max(largestDifference, differenceOf(prediction, another));
    }
    onProgress?.({ phase: "measure", done: n + problems.length, total: inputs.length });
  }
  if (problems.length > 0 && !skipBad) throw unreadableError(problems);
  if (n === 0) throw new DataError("data/empty", "There are no inputs to compare the models on.");
  return { n, agreement: same / n, largestDifference };
}

/** The largest difference between two probabilities of a label. */
function differenceOf(one: Prediction, other: Prediction): number {
  return Object.entries(one.probabilities).reduce(
    (largest, [label, value]) => Math.max(largest, Math.abs(value - other.probabilities[label]!)),
    0,
  );
}
