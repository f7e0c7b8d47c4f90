import type { Input } from "@engraft/core";
import { DataError, type DataProblem } from "@engraft/core";
import { chunk } from "@engraft/core/internal";
import type { Predictor } from "../predict/predictor.js";
import type { Prediction } from "../predict/task-head.js";
import { unreadableError } from "../train/data/extract-dataset.js";
import type { EvaluateOptions } from "./evaluate.js";

/** Inputs predicted in one go: bounds the memory. */
const WINDOW = 512;

/**
 * Asks two predictors about the same inputs, and hands over both answers to each.
 *
 * @returns How many inputs both could decode.
 * @throws DataError when there is no input, or one cannot be decoded and may not be skipped.
 */
export async function predictPairs<T extends { readonly source: string; readonly input: Input }>(
  [one, other]: readonly [Pick<Predictor, "predict">, Pick<Predictor, "predict">],
  items: readonly T[],
  { skipBad, signal, onProgress }: EvaluateOptions,
  onPair: (item: T, answers: readonly [Prediction, Prediction]) => void,
): Promise<number> {
  const problems: DataProblem[] = [];
  let pairs = 0;
  for (const window of chunk(items, WINDOW)) {
    const inputs = window.map(({ input }) => input);
    const first = await one.predict(inputs, signal);
    const second = await other.predict(inputs, signal);
    for (const [row, item] of window.entries()) {
      const [answer, another] = [first[row]!, second[row]!];
      if (answer instanceof DataError) {
        problems.push({ where: item.source, what: answer.message });
      } else if (another instanceof DataError) {
        problems.push({ where: item.source, what: another.message });
      } else {
        pairs += 1;
        onPair(item, [answer, another]);
      }
    }
    onProgress?.({ phase: "measure", done: pairs + problems.length, total: items.length });
  }
  if (problems.length > 0 && !skipBad) throw unreadableError(problems);
  if (pairs === 0) throw new DataError("data/empty", "There are no examples to compare on.");
  return pairs;
}
