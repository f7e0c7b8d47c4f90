import { indexOfLargest, rowOf } from "@engraft/core/internal";
import type { TaskRecord } from "@engraft/tasks/internal";

/** What the task said about an example that it had not seen. */
export interface Answer {
  /** Position of the example in the record. */
  readonly row: number;
  /** Classes, as positions in the task's labels. */
  readonly target: number;
  readonly predicted: number;
  /** Probability of the predicted class. */
  readonly confidence: number;
  /** Probability of the class that the example is labelled with. */
  readonly ownProbability: number;
}

/** The answers out of fold, in the order of the record. */
export function answersOf(record: TaskRecord, targets: Int32Array): Answer[] {
  const { rows, logProbabilities } = record.outOfFold;
  return Array.from(rows, (row, index) => {
    const logs = rowOf(logProbabilities, index);
    const predicted = indexOfLargest(logs);
    const target = targets[row]!;
    return {
      row,
      target,
      predicted,
      confidence: Math.exp(logs[predicted]!),
      ownProbability: Math.exp(logs[target] ?? Number.NEGATIVE_INFINITY),
    };
  });
}

/** The answers that are wrong, the most confident first. */
export function mistakesOf(answers: readonly Answer[]): Answer[] {
  return answers
    .filter(({ target, predicted }) => target !== predicted)
    .sort((a, b) => b.confidence - a.confidence);
}
