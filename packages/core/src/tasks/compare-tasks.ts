import type { SingleLabelExample } from "../dataset/dataset.js";
import { comparePaired, type PairedComparison } from "../evaluate/paired.js";
import type { EvaluateOptions } from "./evaluate.js";
import { predictPairs } from "./predict-pairs.js";
import type { Predictor } from "./predictor.js";

/**
 * Compares two tasks on labelled examples that neither was trained on, example by example. A task
 * that does not know a label is wrong about its examples.
 *
 * @throws DataError when there are no examples, or an example cannot be decoded.
 */
export async function compareTasks(
  tasks: readonly [Predictor, Predictor],
  examples: readonly SingleLabelExample[],
  options: EvaluateOptions = {},
): Promise<PairedComparison> {
  const right: [number[], number[]] = [[], []];
  await predictPairs(tasks, examples, options, ({ target }, [first, second]) => {
    right[0].push(Number(first.label === target.label));
    right[1].push(Number(second.label === target.label));
  });
  return comparePaired([Uint8Array.from(right[0]), Uint8Array.from(right[1])]);
}
