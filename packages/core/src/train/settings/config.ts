import { z } from "zod";
import {
  type Augmentation,
  type AugmentationInput,
  augmentationSchema,
} from "../../augment/config.js";
import { UsageError } from "../../errors.js";
import { parseOr } from "../../parse.js";
import { type LossConfig, type LossConfigInput, lossConfigSchema } from "../losses/index.js";
import {
  type OptimizerConfig,
  type OptimizerConfigInput,
  optimizerConfigSchema,
} from "../optimizers/index.js";
import {
  type EarlyStoppingConfig,
  type EarlyStoppingInput,
  earlyStoppingSchema,
} from "./early-stopping.js";
import type { WeightGroup } from "./layerwise-groups.js";
import {
  type ScheduleConfig,
  type ScheduleConfigInput,
  scheduleConfigSchema,
} from "./schedules.js";
import { weightGroupSchema } from "./weight-groups.js";

/** How the trainable weights of a model are trained. */
export interface FitConfig {
  /** Passes over the training examples. Default 10. */
  readonly epochs: number;
  /** Examples in a batch. Default 16. */
  readonly batchSize: number;
  /** Batches whose gradients make one update together. Default 1. */
  readonly accumulate: number;
  /** Highest learning rate of the schedule. Default 1e-3, for new layers; fine-tuning takes 1e-5. */
  readonly learningRate: number;
  /** Default AdamW. */
  readonly optimizer: OptimizerConfig;
  /** Default: 0.01 for AdamW, none for SGD; never on biases and scales. */
  readonly weightDecay?: number | undefined;
  /** Default `linear`, without warm-up. */
  readonly schedule: ScheduleConfig;
  /** Default `cross-entropy`. */
  readonly loss: LossConfig;
  /** Learning rates and weight decays of some weights. */
  readonly groups: readonly WeightGroup[];
  /** Longest norm of all gradients together; longer ones are shortened. Default: none. */
  readonly maxGradientNorm?: number | undefined;
  /** Random changes of the training images, each image anew in every epoch. Default: none. */
  readonly augmentation?: Augmentation | undefined;
  /** Stop when the validation no longer gets better, and keep the best weights. Default: never. */
  readonly earlyStopping?: EarlyStoppingConfig | undefined;
  /** Updates between two checkpoints within an epoch; there is one after every epoch anyway. */
  readonly checkpointEvery?: number | undefined;
  /** Seed of the order of examples, dropout and augmentation. Default 0. */
  readonly seed: number;
}

/** The settings of a training that a single update has. */
export type TrainingStepConfig = Pick<
  FitConfig,
  "loss" | "optimizer" | "learningRate" | "weightDecay" | "groups" | "maxGradientNorm" | "seed"
>;

/** A configuration in which anything may be left out, and less may be said in some fields. */
export interface FitConfigInput extends TrainingStepConfigInput {
  readonly epochs?: number | undefined;
  readonly batchSize?: number | undefined;
  readonly accumulate?: number | undefined;
  readonly schedule?: ScheduleConfigInput | undefined;
  readonly augmentation?: AugmentationInput | undefined;
  readonly earlyStopping?: EarlyStoppingInput | undefined;
  readonly checkpointEvery?: number | undefined;
}

/** As {@link FitConfigInput}, of the settings that a single update has. */
export interface TrainingStepConfigInput {
  readonly loss?: LossConfigInput | undefined;
  readonly optimizer?: OptimizerConfigInput | undefined;
  readonly learningRate?: number | undefined;
  readonly weightDecay?: number | undefined;
  readonly groups?: readonly WeightGroup[] | undefined;
  readonly maxGradientNorm?: number | undefined;
  readonly seed?: number | undefined;
}

const stepFields = {
  loss: lossConfigSchema.prefault("cross-entropy"),
  optimizer: optimizerConfigSchema.prefault("adamw"),
  learningRate: z.number().positive().default(1e-3),
  weightDecay: z.number().min(0).optional(),
  groups: z.array(weightGroupSchema).default([]),
  maxGradientNorm: z.number().positive().optional(),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
};

/** Validates the settings of a single update and fills in the defaults. */
export const trainingStepConfigSchema: z.ZodType<TrainingStepConfig, TrainingStepConfigInput> =
  z.strictObject(stepFields);

/** Validates a configuration and fills in the defaults. */
export const fitConfigSchema: z.ZodType<FitConfig, FitConfigInput> = z.strictObject({
  ...stepFields,
  epochs: z.int().min(1).default(10),
  batchSize: z.int().min(1).default(16),
  accumulate: z.int().min(1).default(1),
  schedule: scheduleConfigSchema.prefault("linear"),
  augmentation: augmentationSchema.optional(),
  earlyStopping: earlyStoppingSchema.optional(),
  checkpointEvery: z.int().min(1).optional(),
});

/**
 * A configuration with the defaults filled in.
 *
 * @throws UsageError when it is not valid.
 */
export function parseFitConfig(input: FitConfigInput): FitConfig {
  return parsed(fitConfigSchema, input, "The training configuration");
}

/** As {@link parseFitConfig}, of the settings of a single update. */
export function parseTrainingStepConfig(input: TrainingStepConfigInput): TrainingStepConfig {
  return parsed(trainingStepConfigSchema, input, "The configuration of the training step");
}

function parsed<T>(schema: z.ZodType<T>, input: unknown, what: string): T {
  const refuse = (place: string, issue: string) =>
    new UsageError(`${what} is not valid at "${place}": ${issue}.`);
  return parseOr(schema, input, refuse);
}
