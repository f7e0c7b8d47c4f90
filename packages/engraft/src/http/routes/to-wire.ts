import type { WirePrediction, WireRankedLabel } from "@engraft/client";
import type { SelectiveOptions, SelectivePrediction } from "@engraft/tasks/predict";
import type { TaskAnswer } from "../../serving/serving.js";
import type { Query } from "../schemas/request.js";

/** What a query asks of the tasks. */
export function toSelective({ maxErrorRate, confidence }: Query): SelectiveOptions {
  return { maxError: maxErrorRate, coverage: confidence };
}

/** What a task answers, in the words of the wire. */
export function toWire(
  { task, predictions }: TaskAnswer,
  { topK }: Query,
): {
  readonly task: string;
  readonly predictions: readonly WirePrediction[];
} {
  return { task, predictions: predictions.map((prediction) => predictionToWire(prediction, topK)) };
}

function predictionToWire(
  {
    label,
    probability,
    probabilities,
    answered,
    labels,
    familiarity,
    truncated,
  }: SelectivePrediction,
  topK: number | undefined,
): WirePrediction {
  return {
    label,
    probability,
    probabilities,
    ...(topK !== undefined && { ranking: rank(probabilities, topK) }),
    ...(answered !== undefined && { accepted: answered }),
    ...(labels !== undefined && { predictionSet: labels }),
    ...(familiarity !== undefined && {
      outlier: {
        knnPValue: familiarity.neighbours,
        classPValue: familiarity.classes,
        isOutlier: familiarity.outlier,
      },
    }),
    ...(truncated !== undefined && { truncated }),
  };
}

function rank(probabilities: Readonly<Record<string, number>>, topK: number): WireRankedLabel[] {
  const all = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  return all.slice(0, topK).map(([label, probability]) => ({ label, probability }));
}
