import { z } from "zod";
import {
  type Augmentation,
  type AugmentationInput,
  augmentationSchema,
} from "../../augment/config.js";
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
import {
  type ScheduleConfig,
  type ScheduleConfigInput,
  scheduleConfigSchema,
} from "./schedules.js";
import { type WeightGroup, weightGroupSchema } from "./weight-groups.js";

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

/** A configuration in which anything may be left out. */
export type FitConfigInput = {
  readonly [K in Exclude<keyof FitConfig, keyof ShortForms>]?: FitConfig[K] | undefined;
} & ShortForms;

/** Fields in which less may be said. */
interface ShortForms {
  readonly optimizer?: OptimizerConfigInput | undefined;
  readonly schedule?: ScheduleConfigInput | undefined;
  readonly loss?: LossConfigInput | undefined;
  readonly earlyStopping?: EarlyStoppingInput | undefined;
  readonly augmentation?: AugmentationInput | undefined;
}

/** Validates a configuration and fills in the defaults. */
export const fitConfigSchema: z.ZodType<FitConfig, FitConfigInput> = z.strictObject({
  epochs: z.int().min(1).default(10),
  batchSize: z.int().min(1).default(16),
  accumulate: z.int().min(1).default(1),
  learningRate: z.number().positive().default(1e-3),
  optimizer: optimizerConfigSchema.prefault("adamw"),
  weightDecay: z.number().min(0).optional(),
  schedule: scheduleConfigSchema.prefault("linear"),
  loss: lossConfigSchema.prefault("cross-entropy"),
  groups: z.array(weightGroupSchema).default([]),
  maxGradientNorm: z.number().positive().optional(),
  augmentation: augmentationSchema.optional(),
  earlyStopping: earlyStoppingSchema.optional(),
  checkpointEvery: z.int().min(1).optional(),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
});
