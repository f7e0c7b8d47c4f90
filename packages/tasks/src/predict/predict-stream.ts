import type { DataProblem, Input } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { NamedInput } from "../sources/source.js";
import type { PredictOptions } from "./options.js";
import type { Predictor } from "./predictor.js";
import { type SelectivePrediction, selectiveLimits, withSelection } from "./selective.js";
import { windows } from "./windows.js";

/** Inputs that are predicted together: bounds the memory. */
const WINDOW = 512;

/** What a stream gives for one input: its prediction, or why there is none. */
export type StreamedPrediction =
  | {
      /** Where the input came from: `inbox.csv:12`. */
      readonly source: string;
      readonly input: Input;
      readonly prediction: SelectivePrediction;
      readonly error?: undefined;
    }
  | {
      readonly source: string;
      readonly input?: undefined;
      readonly prediction?: undefined;
      readonly error: DataError;
    };

/**
 * Predicts any number of inputs in constant memory, in order.
 *
 * @param open - Loads what predicts, while the first inputs are read.
 */
export async function* predictStream(
  inputs: AsyncIterable<NamedInput | DataProblem>,
  manifest: TaskManifest,
  open: () => Promise<Predictor>,
  options: PredictOptions,
): AsyncGenerator<StreamedPrediction> {
  const limits = selectiveLimits(manifest, options);
  const opened = open();
  // The first inputs are read while the model loads, and may end the stream before it has.
  opened.catch(() => {});
  for await (const window of windows(inputs, WINDOW)) {
    const predictor = await opened;
    const readable = window.filter((item) => "input" in item);
    const results = await predictor.predict(
      readable.map(({ input }) => input),
      options.signal,
    );
    let next = 0;
    for (const item of window) {
      if (!("input" in item)) yield unread(item);
      else {
        const result = results[next++]!;
        if (result instanceof DataError) yield { source: item.source, error: result };
        else yield { ...item, prediction: withSelection(result, limits, options.topK) };
      }
    }
  }
  await opened;
}

function unread(problem: DataProblem): StreamedPrediction {
  const { where, what } = problem;
  return {
    source: where,
    error: new DataError("data/unreadable", what, { problems: [problem] }),
  };
}
