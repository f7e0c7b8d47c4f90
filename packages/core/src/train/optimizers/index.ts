import { z } from "zod";
import { type AdamWOptions, adamW } from "./adamw.js";
import type { Optimizer } from "./optimizer.js";
import { type SgdOptions, sgd } from "./sgd.js";

export type { Optimizer, OptimizerUpdate } from "./optimizer.js";
export { createSlots } from "./optimizer.js";

/** Which optimiser moves the weights, with its settings. */
export type OptimizerConfig =
  | ({ readonly name: "adamw" } & AdamWOptions)
  | ({ readonly name: "sgd" } & SgdOptions);

/** A name alone means its defaults. */
export type OptimizerConfigInput =
  | OptimizerConfig["name"]
  | ({ readonly name: "adamw" } & { readonly [K in keyof AdamWOptions]?: number | undefined })
  | ({ readonly name: "sgd" } & { readonly [K in keyof SgdOptions]?: SgdOptions[K] | undefined });

const share = z.number().min(0).lt(1);

const optimizerObject = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adamw"),
    beta1: share.default(0.9),
    beta2: share.default(0.999),
    // Much less would be 0 in single precision.
    epsilon: z.number().min(1e-30).default(1e-8),
  }),
  z
    .strictObject({
      name: z.literal("sgd"),
      momentum: share.default(0.9),
      nesterov: z.boolean().default(false),
    })
    .refine(({ momentum, nesterov }) => momentum > 0 || !nesterov, {
      error: "nesterov needs a momentum above 0",
      path: ["nesterov"],
    }),
]);

/** Validates an optimiser and fills in the defaults, those of PyTorch but for SGD's momentum of 0.9. */
export const optimizerConfigSchema: z.ZodType<OptimizerConfig, OptimizerConfigInput> = z
  .union([z.enum(["adamw", "sgd"]).transform((name) => ({ name })), optimizerObject])
  .pipe(optimizerObject);

/** The optimiser that a configuration asks for. */
export function createOptimizer(config: OptimizerConfig): Optimizer {
  return config.name === "adamw" ? adamW(config) : sgd(config);
}

/**
 * Weight decay where none is asked for: 0.01 for AdamW (as PyTorch), none for SGD, where it would
 * change the gradient.
 */
export function defaultWeightDecay({ name }: OptimizerConfig): number {
  return name === "adamw" ? 0.01 : 0;
}
