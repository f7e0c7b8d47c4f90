import type { Input, SingleLabelExample } from "@engraft/core";
import type { PairedComparison } from "@engraft/core/internal";
import { comparePaired } from "@engraft/core/internal";
import type { Predictor } from "../predict/predictor.js";
import type { EvaluateOptions } from "./evaluate.js";
import { predictPairs } from "./predict-pairs.js";
import { countKnown, type TrainingSet } from "./trained-on.js";

/** Two tasks on the same examples, and what to know before believing it. */
export interface TaskComparison extends PairedComparison {
  /** How many of the examples each task was trained on; undefined where it is not known. */
  readonly trainedOn: readonly [number | undefined, number | undefined];
  /** How many of the texts are longer than each base model reads. */
  readonly truncated: readonly [number, number];
}

/** What the first and the second task were trained on. */
export type BothTrainingSets = readonly [TrainingSet | undefined, TrainingSet | undefined];

/**
 * Compares two tasks on labelled examples that neither was trained on, example by example. A task
 * that does not know a label is wrong about its examples.
 *
 * @throws DataError when there are no examples, or an example cannot be decoded.
 */
export async function compareTasks(
  tasks: readonly [Predictor, Predictor],
  examples: readonly SingleLabelExample[],
  trainingSets: BothTrainingSets,
  options: Omit<EvaluateOptions, "trainingSet"> = {},
): Promise<TaskComparison> {
  const right: [number[], number[]] = [[], []];
  const truncated: [number, number] = [0, 0];
  const measured: Input[] = [];
  await predictPairs(tasks, examples, options, ({ input, target }, answers) => {
    measured.push(input);
    for (const [index, { label, truncated: cut }] of answers.entries()) {
      right[index]!.push(Number(label === target.label));
      if (cut) truncated[index]! += 1;
    }
  });
  const [first, second] = trainingSets;
  return {
    ...comparePaired([Uint8Array.from(right[0]), Uint8Array.from(right[1])]),
    trainedOn: [await countKnown(first, measured), await countKnown(second, measured)],
    truncated,
  };
}
