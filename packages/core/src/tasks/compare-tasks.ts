import type { SingleLabelExample } from "../dataset/dataset.js";
import { DataError, type DataProblem } from "../errors.js";
import { comparePaired, type PairedComparison } from "../evaluate/paired.js";
import { chunk } from "../features/batches.js";
import type { EvaluateOptions } from "./evaluate.js";
import type { Predictor } from "./predictor.js";
import { unreadableError } from "./read-layers.js";

/** Examples predicted in one go: bounds the memory. */
const WINDOW = 512;

/**
 * Compares two tasks on labelled examples that neither was trained on, example by example. A task
 * that does not know a label is wrong about its examples.
 *
 * @throws DataError when there are no examples, or an example cannot be decoded.
 */
export async function compareTasks(
  [first, second]: readonly [Predictor, Predictor],
  examples: readonly SingleLabelExample[],
  options: EvaluateOptions = {},
): Promise<PairedComparison> {
  const right: [number[], number[]] = [[], []];
  const problems: DataProblem[] = [];
  for (const window of chunk(examples, WINDOW)) {
    const inputs = window.map(({ input }) => input);
    const answers = [
      await first.predict(inputs, options.abort),
      await second.predict(inputs, options.abort),
    ] as const;
    for (const [row, { source, target }] of window.entries()) {
      const [one, other] = [answers[0][row]!, answers[1][row]!];
      if (one instanceof DataError || other instanceof DataError) {
        const { message } = one instanceof DataError ? one : (other as DataError);
        problems.push({ where: source, what: message });
        continue;
      }
      right[0].push(Number(one.label === target.label));
      right[1].push(Number(other.label === target.label));
    }
    const done = right[0].length + problems.length;
    options.onProgress?.({ phase: "measure", done, total: examples.length });
  }
  if (problems.length > 0 && !options.skipBad) throw unreadableError(problems);
  if (right[0].length === 0) {
    throw new DataError("data/empty", "There are no examples to compare on.");
  }
  return comparePaired([Uint8Array.from(right[0]), Uint8Array.from(right[1])]);
}
