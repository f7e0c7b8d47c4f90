import { DataError } from "@engraft/core/errors";
import type { Answerer, Prediction } from "@engraft/tasks/predict";
import { Refusal } from "./problems.js";
import type { Lane, PricedInput } from "./queue/lane.js";
import type { ServedTask } from "./served-task.js";

/** Puts the inputs before every lane that the tasks are on, each once. */
export async function ask(
  tasks: readonly ServedTask[],
  inputs: readonly PricedInput[],
  signal: AbortSignal,
): Promise<{ readonly task: string; readonly predictions: readonly Prediction[] }[]> {
  const asked = new Map<Lane, Answerer[]>();
  for (const { lane, answerer } of tasks) {
    asked.set(lane.value, [...(asked.get(lane.value) ?? []), answerer.value]);
  }
  // All or none: what one lane has taken while another refuses would be work for nobody.
  for (const lane of asked.keys()) lane.requireRoom(inputs.length);
  const results = await Promise.allSettled(
    Array.from(asked, ([lane, answerers]) => lane.ask(inputs, answerers, signal)),
  );
  const said = inputs.map(() => new Map<Answerer, Prediction>());
  const problems = new Map<number, DataError>();
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
    for (const [row, answer] of result.value.entries()) {
      if (answer instanceof DataError) problems.set(row, answer);
      else for (const [answerer, prediction] of answer) said[row]!.set(answerer, prediction);
    }
  }
  if (problems.size > 0) throw unreadable(problems);
  return tasks.map(({ folder, answerer }) => ({
    task: folder.name,
    predictions: said.map((predictions) => predictions.get(answerer.value)!),
  }));
}

function unreadable(problems: ReadonlyMap<number, DataError>): Refusal {
  const errors = Array.from(problems, ([row, { message }]) => ({
    where: `inputs.${row}`,
    what: message,
  }));
  return new Refusal("input/unreadable", "Some inputs cannot be decoded; see errors.", { errors });
}
