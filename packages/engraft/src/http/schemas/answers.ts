import type {
  HealthResponse,
  PredictAllResponse,
  ServedTaskInfo,
  TaskPredictions,
  TasksResponse,
  WireOutlierScore,
  WirePrediction,
  WireRankedLabel,
  WireTextLength,
} from "@engraft/client";
import { MODALITIES } from "@engraft/core/predict";
import { z } from "zod";
import { type FieldsOf, wire } from "./wire.js";

const share = (description: string): z.ZodType<number> =>
  z.number().min(0).max(1).register(wire, { description });

const rankedLabel: z.ZodType<WireRankedLabel> = z.object({
  label: z.string(),
  probability: share("The probability of the label."),
} satisfies FieldsOf<WireRankedLabel>);

const outlierScore: z.ZodType<WireOutlierScore> = z.object({
  knnPValue: share("Share of training examples as far from their nearest neighbours, or farther."),
  classPValue: share("Share of training examples as far from the nearest class, or farther."),
  isOutlier: z.boolean(),
} satisfies FieldsOf<WireOutlierScore>);

const textLength: z.ZodType<WireTextLength> = z.object({
  read: z.int().register(wire, { description: "Tokens that the base model reads." }),
  tokens: z
    .int()
    .register(wire, { description: "Tokens of the whole text, estimated where it is long." }),
} satisfies FieldsOf<WireTextLength>);

const prediction: z.ZodType<WirePrediction> = z
  .object({
    label: z.string().register(wire, { description: "The most probable label." }),
    probability: share("The probability of that label."),
    probabilities: z
      .record(z.string(), z.number())
      .register(wire, { description: "The probability of every label." }),
    ranking: z
      .array(rankedLabel)
      .register(wire, { description: "With topK: the most probable labels, best first." })
      .optional(),
    accepted: z
      .boolean()
      .register(wire, {
        description: "With maxErrorRate: whether the label is probable enough to be given.",
      })
      .optional(),
    predictionSet: z
      .array(z.string())
      .register(wire, {
        description: "With confidence: labels of which one is right, the most probable first.",
      })
      .optional(),
    outlier: outlierScore
      .register(wire, { description: "Where the server tells outliers." })
      .optional(),
    truncated: textLength
      .register(wire, { description: "Where the base model reads less than all of a text." })
      .optional(),
    unmeasured: z
      .boolean()
      .register(wire, {
        description:
          "True where nothing measured the task: how far the probability is to be trusted is not known.",
      })
      .optional(),
  } satisfies FieldsOf<WirePrediction>)
  .register(wire, { id: "Prediction" });

const examplePrediction: WirePrediction = {
  label: "spam",
  probability: 0.98,
  probabilities: { ham: 0.02, spam: 0.98 },
};

const exampleTask: TaskPredictions = { task: "spam", predictions: [examplePrediction] };

/** Answer of one task. */
export const taskPredictions: z.ZodType<TaskPredictions> = z
  .object({
    task: z.string(),
    predictions: z
      .array(prediction)
      .register(wire, { description: "One for each input, in the order of the request." }),
  } satisfies FieldsOf<TaskPredictions>)
  .register(wire, { id: "TaskPredictions", examples: [exampleTask] });

/** Answer of all tasks. */
export const allPredictions: z.ZodType<PredictAllResponse> = z
  .object({ tasks: z.array(taskPredictions) } satisfies FieldsOf<PredictAllResponse>)
  .register(wire, { id: "AllPredictions", examples: [{ tasks: [exampleTask] }] });

const servedTask: z.ZodType<ServedTaskInfo> = z.object({
  name: z.string().register(wire, { description: "The name of the task in addresses." }),
  modality: z.enum(MODALITIES),
  labels: z.array(z.string()),
  base: z.string().register(wire, { description: "Id of the base model." }),
  createdAt: z.string().register(wire, { description: "When the task was trained." }),
} satisfies FieldsOf<ServedTaskInfo>);

const exampleInfo: ServedTaskInfo = {
  name: "spam",
  modality: "text",
  labels: ["ham", "spam"],
  base: "minilm-l6",
  createdAt: "2026-03-01T12:00:00.000Z",
};

/** The list of the tasks. */
export const tasks: z.ZodType<TasksResponse> = z
  .object({ tasks: z.array(servedTask) } satisfies FieldsOf<TasksResponse>)
  .register(wire, { id: "Tasks", examples: [{ tasks: [exampleInfo] }] });

/** Answer of the addresses for health. */
export const health: z.ZodType<HealthResponse> = z
  .object({ status: z.enum(["live", "ready"]) } satisfies FieldsOf<HealthResponse>)
  .register(wire, { id: "Health", examples: [{ status: "ready" }] });

/** An OpenAPI document. */
export const openApi: z.ZodType<object> = z.looseObject({});

/** Metrics in the text format of Prometheus. */
export const exposition: z.ZodType<string> = z.string();
