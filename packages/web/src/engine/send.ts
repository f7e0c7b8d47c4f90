import type { Input, TextInput } from "@engraft/core";
import type { StreamedPrediction, Task } from "@engraft/tasks";
import type { SentImage, SentItem, SentPrediction, TaskFacts } from "../protocol/facts.js";

/** What a page knows of a task. @param number - Of the task in this worker. */
export function factsOf(number: number, task: Task): TaskFacts {
  const { manifest, extension } = task;
  let unmeasured = "";
  if (!task.isMeasured) {
    try {
      // It throws, with the sentence that belongs to it.
      void task.metrics;
    } catch (error) {
      unmeasured = error instanceof Error ? error.message : String(error);
    }
  }
  const metrics = task.isMeasured ? task.metrics : undefined;
  return { task: number, manifest, extension, metrics, unmeasured, text: String(task) };
}

/** A prediction of a stream, without the input: the page has it. */
export function sentPrediction({ source, prediction, error }: StreamedPrediction): SentPrediction {
  if (prediction !== undefined) return { source, prediction };
  return { source, message: error.message, problems: error.problems };
}

/** Things with an input: the image of each becomes a file, which can be sent. */
export function sentItems<T extends { readonly input: Input }>(
  items: readonly T[],
): Promise<SentItem<T>[]> {
  return Promise.all(
    items.map(async ({ input, ...item }) => ({ ...item, input: await sentInput(input) })),
  );
}

async function sentInput(input: Input): Promise<TextInput | SentImage> {
  if (input.kind === "text") return input;
  const bytes = await input.read();
  return { kind: "image", file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
}
