import { UsageError } from "@engraft/core/errors";
import { parseOr } from "@engraft/core/predict";
import { z } from "zod";
import { LEAST_IMAGES } from "./queue/memory.js";

/** How tasks are served, whoever carries the requests. */
export interface ServingOptions {
  /** Most inputs in one pass of a base. Default 64. */
  readonly maxBatch: number;
  /** How long an input may wait for others to fill a batch, in milliseconds. Default 0. */
  readonly maxWait: number;
  /** Most inputs that may wait for one base. Default 1024. */
  readonly maxQueue: number;
  /**
   * How long the inputs that wait for one base may be expected to take, in milliseconds: once a whole
   * batch waits, more are refused. Default 600.
   */
  readonly maxDelay: number;
  /** Largest width x height of an image. Default 25,000,000. */
  readonly maxImagePixels: number;
  /**
   * Memory that images of all requests take together while they are decoded, in bytes. Default: half of
   * what is free, or of what the container may take, once the tasks are loaded.
   */
  readonly maxImageMemory?: number | undefined;
  /** Whether every prediction says how far its input is from the training examples. Default false. */
  readonly outliers: boolean;
  /** How often task folders are checked for a change, in milliseconds; 0 for never. Default 1000. */
  readonly reloadEvery: number;
}

/** Options of serving as a user gives them. */
export type ServingOptionsInput = {
  readonly [K in keyof ServingOptions]?: ServingOptions[K] | undefined;
};

const positive = z.int().min(1);

/** The schema of each option, with its default. */
export const servingFields: {
  readonly [K in keyof Required<ServingOptions>]: z.ZodType<
    ServingOptions[K],
    ServingOptionsInput[K]
  >;
} = {
  maxBatch: positive.max(4096).default(64),
  maxWait: z.int().min(0).max(10_000).default(0),
  maxQueue: positive.default(1024),
  maxDelay: positive.max(3_600_000).default(600),
  maxImagePixels: positive.default(25_000_000),
  maxImageMemory: positive.min(LEAST_IMAGES).optional(),
  outliers: z.boolean().default(false),
  reloadEvery: z.int().min(0).default(1000),
};

const schema: z.ZodType<ServingOptions, ServingOptionsInput> = z.strictObject(servingFields);

/**
 * Fills in the defaults.
 *
 * @throws UsageError when an option is not valid.
 */
export function parseServingOptions(input: ServingOptionsInput): ServingOptions {
  return parseOptions(schema, input);
}

/**
 * Parses options by a schema.
 *
 * @throws UsageError that names the first option that is not valid.
 */
export function parseOptions<Parsed, Input>(
  schema: z.ZodType<Parsed, Input>,
  input: Input,
): Parsed {
  return parseOr(
    schema,
    input,
    (place, message) => new UsageError(`The option "${place}" is not valid: ${message}.`),
  );
}
