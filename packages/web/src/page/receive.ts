import type { Input } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import type { SelectivePrediction } from "@engraft/tasks";
import type { SentItem, SentPrediction } from "../protocol/facts.js";

/** What a stream gives for one input: its prediction, or why there is none. */
export type WebStreamedPrediction =
  | {
      /** Where the input came from: `inbox.csv:12`. */
      readonly source: string;
      readonly prediction: SelectivePrediction;
      readonly error?: undefined;
    }
  | { readonly source: string; readonly prediction?: undefined; readonly error: DataError };

/** A prediction as the worker has made it: messages give objects a prototype, where labels look for none. */
export function receivePrediction<P extends SelectivePrediction>(sent: P): P {
  return { ...sent, probabilities: Object.assign(Object.create(null), sent.probabilities) };
}

/** A prediction of a stream. */
export function receiveStreamed(sent: SentPrediction): WebStreamedPrediction {
  const { source } = sent;
  if ("prediction" in sent) return { source, prediction: receivePrediction(sent.prediction) };
  const { message, problems } = sent;
  return { source, error: new DataError("data/unreadable", message, { problems }) };
}

/** Things with inputs whose images are read when they are asked for. */
export function receiveItems<T extends { readonly input: Input }>(
  sent: readonly SentItem<T>[],
): T[] {
  return sent.map((item) => ({ ...item, input: receiveInput(item.input) }) as unknown as T);
}

function receiveInput(input: SentItem<{ readonly input: Input }>["input"]): Input {
  if (input.kind === "text") return input;
  return {
    kind: "image",
    read: async () => new Uint8Array(await input.file.arrayBuffer()),
  };
}
