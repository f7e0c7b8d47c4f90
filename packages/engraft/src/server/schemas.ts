import type {
  PredictAllResponse,
  Problem,
  TaskPredictions,
  TasksResponse,
  WirePrediction,
} from "@engraft/client";
import type { SelectiveOptions } from "@engraft/tasks/predict";
import { z } from "zod";
import type { ServerOptions } from "./options.js";
import { PROBLEM_CODES } from "./problems.js";

/** Body of a request with texts. */
export interface TextsBody {
  readonly inputs: readonly string[];
}

/** Schema of a body with texts, as large as a server accepts. */
export function textsBody({
  maxInputs,
  maxText,
}: Pick<ServerOptions, "maxInputs" | "maxText">): z.ZodType<TextsBody> {
  const text = z
    .string({ error: "expected a text" })
    .max(maxText, `longer than ${maxText} characters`)
    .regex(/\S/, "the text is empty");
  return z
    .strictObject({
      inputs: z
        .array(text, { error: "expected a list of texts" })
        .min(1, "there are no inputs")
        .max(maxInputs, `more than ${maxInputs} inputs`),
    })
    .meta({ examples: [{ inputs: ["Win a free cruise!!!", "See you at ten."] }] });
}

const prediction: z.ZodType<WirePrediction> = z.object({
  label: z.string().meta({ description: "The most probable label." }),
  probability: z.number().min(0).max(1),
  probabilities: z
    .record(z.string(), z.number())
    .meta({ description: "The probability of every label." }),
  answered: z
    .boolean()
    .optional()
    .meta({ description: "With maxError: whether the label is probable enough to be given." }),
  labels: z
    .array(z.string())
    .optional()
    .meta({ description: "With coverage: labels of which one is right, the most probable first." }),
  familiarity: z
    .object({
      neighbours: z.number().meta({
        description: "Share of training examples as far from their neighbours, or farther.",
      }),
      classes: z.number().meta({
        description: "Share of training examples as far from the nearest class, or farther.",
      }),
      outlier: z.boolean(),
    })
    .optional()
    .meta({ description: "Where the server tells outliers." }),
  truncated: z
    .object({
      read: z.int().meta({ description: "Tokens that the base model reads." }),
      tokens: z
        .int()
        .meta({ description: "Tokens of the whole text, estimated where it is long." }),
    })
    .optional()
    .meta({ description: "Where the base model reads less than all of a text." }),
});

const share = z.coerce.number().gt(0).lt(1);

/** What a request may ask for in its query. */
export const selectiveSchema: z.ZodType<SelectiveOptions, Record<string, unknown>> = z.strictObject(
  {
    maxError: share.optional().meta({
      description: "Answer only where so few answers are wrong, as 0.02.",
    }),
    coverage: share.optional().meta({
      description: "Name labels that hold the right one so often, as 0.95.",
    }),
  },
);

const taskPredictions: z.ZodType<TaskPredictions> = z.object({
  task: z.string(),
  predictions: z
    .array(prediction)
    .meta({ description: "One for each input, in the order of the request." }),
});

const examplePrediction: WirePrediction = {
  label: "spam",
  probability: 0.98,
  probabilities: { ham: 0.02, spam: 0.98 },
};

const exampleTask: TaskPredictions = { task: "spam", predictions: [examplePrediction] };

export const taskPredictionsSchema: z.ZodType<TaskPredictions> = taskPredictions.meta({
  examples: [exampleTask],
});

export const predictAllSchema: z.ZodType<PredictAllResponse> = z
  .object({ tasks: z.array(taskPredictions) })
  .meta({ examples: [{ tasks: [exampleTask] }] });

export const tasksSchema: z.ZodType<TasksResponse> = z
  .object({
    tasks: z.array(
      z.object({
        name: z.string(),
        modality: z.enum(["text", "image"]),
        labels: z.array(z.string()),
        base: z.string().meta({ description: "Id of the base model." }),
        createdAt: z.string().meta({ description: "When the task was trained." }),
      }),
    ),
  })
  .meta({
    examples: [
      {
        tasks: [
          {
            name: "spam",
            modality: "text",
            labels: ["ham", "spam"],
            base: "minilm-l6",
            createdAt: "2026-03-01T12:00:00.000Z",
          },
        ],
      },
    ],
  });

/** Answer of the addresses for health. */
export const healthSchema: z.ZodType<{ readonly status: "live" | "ready" }> = z
  .object({ status: z.enum(["live", "ready"]) })
  .meta({ examples: [{ status: "ready" }] });

export const problemSchema: z.ZodType<Problem> = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: "What happened, and what was expected." }),
    code: z.enum(PROBLEM_CODES).meta({ description: "Stable; for programs." }),
    errors: z
      .array(z.object({ where: z.string(), what: z.string() }))
      .optional()
      .meta({ description: "What is wrong with single inputs or fields." }),
  })
  .meta({
    examples: [
      {
        type: "about:blank",
        title: "Too Many Requests",
        status: 429,
        detail: "Too many inputs wait already. Try again after the seconds in Retry-After.",
        code: "queue/full",
      },
    ],
  });
