import type { DataError } from "@engraft/core/errors";
import type { Prediction, TaskPredictor } from "@engraft/tasks/predict";
import { UnreadableInputsError } from "../errors.js";
import type { PricedInput } from "../inputs/priced-input.js";
import type { Lane, Question } from "./lane.js";

/** A task that a request asks: what answers for it, and the lane that it is on. */
export interface AskedTask {
  readonly predictor: TaskPredictor;
  readonly lane: Lane;
}

/**
 * Puts the inputs before every lane that the tasks are on, each once. There must be room on all.
 *
 * @returns The predictions of each task, in the order of the inputs.
 * @throws UnreadableInputsError when an input cannot be decoded.
 */
export async function ask(
  tasks: readonly AskedTask[],
  inputs: readonly PricedInput[],
  signal: AbortSignal,
): Promise<Prediction[][]> {
  const questions = tasks.map(({ predictor }) => ({
    predictor,
    predictions: new Array<Prediction>(inputs.length),
  }));
  const onLane = new Map<Lane, Question[]>();
  for (const [index, { lane }] of tasks.entries()) {
    onLane.set(lane, [...(onLane.get(lane) ?? []), questions[index]!]);
  }
  // All are waited for: what one of them cannot decode is told together with the others.
  const lanes = await Promise.allSettled(
    Array.from(onLane, ([lane, asked]) => lane.ask(inputs, asked, signal)),
  );
  const unreadable = new Map<number, DataError>();
  for (const result of lanes) {
    if (result.status === "rejected") throw result.reason;
    for (const [row, error] of result.value.entries()) if (error) unreadable.set(row, error);
  }
  if (unreadable.size > 0) {
    const rows = [...unreadable].sort(([a], [b]) => a - b);
    throw new UnreadableInputsError(rows.map(([index, { message }]) => ({ index, what: message })));
  }
  return questions.map(({ predictions }) => predictions);
}
