import type { GraphBuilder, ValueInfo } from "@engraft/onnx";
import { z } from "zod";
import { UsageError } from "../../errors.js";
import { parseOr } from "../../parse.js";
import { type BinaryCrossEntropyConfig, writeBinaryCrossEntropy } from "./binary-cross-entropy.js";
import { type CosineSimilarityConfig, writeCosineSimilarity } from "./cosine-similarity.js";
import { type CrossEntropyConfig, writeCrossEntropy } from "./cross-entropy.js";
import type { WrittenLoss } from "./loss.js";
import {
  type HuberConfig,
  type MeanSquaredErrorConfig,
  writeHuber,
  writeMeanSquaredError,
} from "./regression.js";

export type { WrittenLoss } from "./loss.js";

/** What training makes small, with its settings. */
export type LossConfig =
  | CrossEntropyConfig
  | BinaryCrossEntropyConfig
  | MeanSquaredErrorConfig
  | HuberConfig
  | CosineSimilarityConfig;

/** A name alone means its defaults. */
export type LossConfigInput =
  | LossConfig["name"]
  | BinaryCrossEntropyConfig
  | MeanSquaredErrorConfig
  | CosineSimilarityConfig
  | { readonly name: "huber"; readonly delta?: number | undefined }
  | {
      readonly name: "cross-entropy";
      readonly labelSmoothing?: number | undefined;
      readonly classWeights?: readonly number[] | undefined;
    };

const lossObject = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("cross-entropy"),
    labelSmoothing: z.number().min(0).lt(1).default(0),
    classWeights: z.array(z.number().positive()).min(1).optional(),
  }),
  z.strictObject({ name: z.literal("binary-cross-entropy") }),
  z.strictObject({ name: z.literal("mean-squared-error") }),
  z.strictObject({ name: z.literal("huber"), delta: z.number().positive().default(1) }),
  z.strictObject({ name: z.literal("cosine-similarity") }),
]);

const lossNames: readonly LossConfig["name"][] = [
  "cross-entropy",
  "binary-cross-entropy",
  "mean-squared-error",
  "huber",
  "cosine-similarity",
];

/** Validates a loss and fills in the defaults. */
export const lossConfigSchema: z.ZodType<LossConfig, LossConfigInput> = z
  .union([z.enum(lossNames).transform((name) => ({ name })), lossObject])
  .pipe(lossObject);

/**
 * A loss with the defaults filled in.
 *
 * @throws UsageError when it is not valid.
 */
export function parseLossConfig(input: LossConfigInput): LossConfig {
  return parseOr(
    lossConfigSchema,
    input,
    (place, message) => new UsageError(`The loss is not valid at ${place}: ${message}.`),
  );
}

/**
 * Writes a loss on top of a model.
 *
 * @param g - Collects the nodes and constants to add to the model's graph.
 * @param output - What the loss looks at: logits, numbers or embeddings, float32 [batch, ...].
 * @param targets - Name for the input that holds what the loss compares with.
 * @throws UsageError when the output has another type or shape than the loss needs.
 */
export function writeLoss(
  g: GraphBuilder,
  config: LossConfig,
  output: ValueInfo,
  targets: string,
): WrittenLoss {
  switch (config.name) {
    case "cross-entropy":
      return writeCrossEntropy(g, config, output, targets);
    case "binary-cross-entropy":
      return writeBinaryCrossEntropy(g, output, targets);
    case "mean-squared-error":
      return writeMeanSquaredError(g, output, targets);
    case "huber":
      return writeHuber(g, config, output, targets);
    case "cosine-similarity":
      return writeCosineSimilarity(g, output, targets);
  }
}
