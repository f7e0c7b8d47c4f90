import { DataError } from "@engraft/core/errors";
import type { Prediction, TaskPredictor } from "@engraft/tasks/predict";
import { Refusal } from "./problems.js";
import type { Lane, PricedInput } from "./queue/lane.js";
import type { ServedTask } from "./served-task.js";

/** Puts the inputs before every lane that the tasks are on, each once. */
export async function ask(
  tasks: readonly ServedTask[],
  inputs: readonly PricedInput[],
  signal: AbortSignal,
): Promise<{ readonly task: string; readonly predictions: readonly Prediction[] }[]> {
  const asked = new Map<Lane, TaskPredictor[]>();
  for (const { lane, taskPredictor } of tasks) {
    asked.set(lane.value, [...(asked.get(lane.value) ?? []), taskPredictor.value]);
  }
  // All or none: what one lane has taken while another refuses would be work for nobody.
  for (const lane of asked.keys()) lane.requireRoom(inputs.length);
  const results = await Promise.allSettled(
    Array.from(asked, ([lane, taskPredictors]) => lane.ask(inputs, taskPredictors, signal)),
  );
  const said = inputs.map(() => new Map<TaskPredictor, Prediction>());
  const problems = new Map<number, DataError>();
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
    for (const [row, answer] of result.value.entries()) {
      if (answer instanceof DataError) problems.set(row, answer);
      else
        for (const [taskPredictor, prediction] of answer) said[row]!.set(taskPredictor, prediction);
    }
  }
  if (problems.size > 0) throw unreadable(problems);
  return tasks.map(({ folder, taskPredictor }) => ({
    task: folder.name,
    predictions: said.map((predictions) => predictions.get(taskPredictor.value)!),
  }));
}

function unreadable(problems: ReadonlyMap<number, DataError>): Refusal {
  const errors = Array.from(problems, ([row, { message }]) => ({
    where: `inputs.${row}`,
    what: message,
  }));
  return new Refusal("input/unreadable", "Some inputs cannot be decoded; see errors.", { errors });
}
