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

/** An example that unlabelled examples moved: it was answered otherwise without them. */
export interface MovedAnswer {
  readonly row: number;
  readonly target: number;
  readonly before: Answer;
  readonly after: Answer;
}

/** The moved examples: those that became wrong, then those that became right, then the others. */
export function movedOf(record: TaskRecord, targets: Int32Array): MovedAnswer[] {
  if (record.moved === undefined) return [];
  const { outOfFold } = record;
  const without = { ...outOfFold, logProbabilities: record.moved.withoutUnlabelled };
  const before = answersOf({ ...record, outOfFold: without }, targets);
  const rank = ({ target, before, after }: MovedAnswer): number =>
    before.predicted === target ? 0 : after.predicted === target ? 1 : 2;
  return answersOf(record, targets)
    .map((after, at) => ({ row: after.row, target: after.target, before: before[at]!, after }))
    .filter((moved) => moved.before.predicted !== moved.after.predicted)
    .sort((a, b) => rank(a) - rank(b) || b.after.confidence - a.after.confidence);
}

/** The answers that are wrong, the most confident first. */
export function mistakesOf(answers: readonly Answer[]): Answer[] {
  return answers
    .filter(({ target, predicted }) => target !== predicted)
    .sort((a, b) => b.confidence - a.confidence);
}
