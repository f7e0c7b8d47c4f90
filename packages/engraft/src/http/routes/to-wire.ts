import type { WirePrediction } from "@engraft/client";
import { rankedLabels, type SelectiveOptions } from "@engraft/tasks/predict";
import type { TaskAnswer } from "../../serving/serving.js";
import type { Query } from "../schemas/request.js";

/** What a query asks of the tasks. */
export function toSelective({ maxErrorRate, confidence }: Query): SelectiveOptions {
  return { maxErrorRate, confidence };
}

/** What a task answers, in the words of the wire. */
export function toWire(
  { task, predictions }: TaskAnswer,
  { topK }: Query,
): {
  readonly task: string;
  readonly predictions: readonly WirePrediction[];
} {
  if (topK === undefined) return { task, predictions };
  const ranked = predictions.map((prediction) => ({
    ...prediction,
    ranking: rankedLabels(prediction).slice(0, topK),
  }));
  return { task, predictions: ranked };
}
