import { z } from "zod";
import type { Modality } from "../dataset/dataset.js";
import { UsageError } from "../errors.js";

/** Which weights of the base are trained. */
export type TrainableSet =
  /** The last blocks of the base, counted by its taps. */
  | { readonly kind: "top"; readonly blocks: number }
  | { readonly kind: "all" }
  /** Biases and the shifts of normalisations (BitFit). */
  | { readonly kind: "bias" }
  /** Low-rank additions to the matrices (LoRA). */
  | { readonly kind: "lora"; readonly rank: number };

/** Objectives of fine-tuning. */
export const FINE_TUNE_RECIPES = ["classify", "contrast"] as const;

/** The objective of a fine-tuning. */
export type FineTuneRecipe = (typeof FINE_TUNE_RECIPES)[number];

/** How a base is fine-tuned. */
export interface FineTuneConfig {
  readonly trainable: TrainableSet;
  /**
   * `classify`: the last layer's probe becomes the head of a network, which is trained as a whole
   * (LP-FT, Kumar et al. 2022). `contrast`: texts of one label are drawn together and those of
   * different labels apart, then the views are fitted to the tuned layers (SetFit, Tunstall et al.
   * 2022).
   */
  readonly recipe: FineTuneRecipe;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /**
   * Where between the frozen base (0) and the tuned one (1) the weights that are kept lie (WiSE-FT,
   * Wortsman et al. 2022).
   */
  readonly interpolation: number;
  /**
   * By how many standard errors the log-loss of the tuned base has to be better out of fold for it to
   * be kept; 0 keeps whichever is better. Default: 0 for `contrast`, 1 for `classify`.
   */
  readonly margin: number;
}

/** Settings of which any may be left out. */
export type FineTuneSettings = {
  readonly [K in keyof FineTuneConfig]?: FineTuneConfig[K] | undefined;
};

/** `auto`, `top:2`, `all`, `bias` or `lora:8`, or any setting by itself. */
export type FineTuneInput = string | FineTuneSettings;

const trainableSchema: z.ZodType<TrainableSet, TrainableSet> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("top"), blocks: z.int().min(1).max(1000) }),
  z.strictObject({ kind: z.literal("all") }),
  z.strictObject({ kind: z.literal("bias") }),
  z.strictObject({ kind: z.literal("lora"), rank: z.int().min(1).max(1024) }),
]);

const settings = z.strictObject({
  trainable: trainableSchema,
  recipe: z.enum(FINE_TUNE_RECIPES),
  epochs: z.int().min(1).max(1000),
  batchSize: z.int().min(1).max(4096),
  learningRate: z.number().positive(),
  interpolation: z.number().min(0).max(1),
  margin: z.number().min(0),
});

/** Validates settings that are complete, as a task keeps them; the first ones had no margin but 1. */
export const fineTuneConfigSchema: z.ZodType<FineTuneConfig> = settings.extend({
  margin: settings.shape.margin.default(1),
});

/** Validates what is asked for; defaults follow from the kind of data: see {@link fineTuneConfig}. */
export const fineTuneSchema: z.ZodType<FineTuneSettings, FineTuneInput> = z.union([
  z.string().transform((text, context) => {
    const parsed = readShortForm(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({
      code: "custom",
      message: `expected auto, all, bias, top:<blocks> or lora:<rank>, not "${text}"`,
    });
    return z.NEVER;
  }),
  settings.partial(),
]);

/**
 * The settings that a short form stands for.
 *
 * @throws UsageError for anything but `auto`, `all`, `bias`, `top:<blocks>` and `lora:<rank>`.
 */
export function parseFineTune(text: string): FineTuneSettings {
  const parsed = readShortForm(text);
  if (parsed !== undefined) return parsed;
  throw new UsageError(
    `Fine-tuning was asked for as "${text}"; expected auto, all, bias, top:<blocks> or lora:<rank>.`,
  );
}

function readShortForm(text: string): FineTuneSettings | undefined {
  if (text === "auto") return {};
  if (text === "all" || text === "bias") return { trainable: { kind: text } };
  const [, kind, count] = /^(top|lora):([1-9]\d{0,3})$/.exec(text) ?? [];
  if (kind === "top") return { trainable: { kind, blocks: Number(count) } };
  if (kind === "lora") return { trainable: { kind, rank: Number(count) } };
  return undefined;
}

/**
 * The settings that are used: what was asked for, and what the field uses otherwise. Texts are
 * contrasted over all weights (as SetFit: one epoch at 2e-5), images classified by the two last
 * blocks.
 */
export function fineTuneConfig(asked: FineTuneSettings, modality: Modality): FineTuneConfig {
  const recipe = asked.recipe ?? (modality === "text" ? "contrast" : "classify");
  const trainable: TrainableSet =
    asked.trainable ?? (recipe === "contrast" ? { kind: "all" } : { kind: "top", blocks: 2 });
  return {
    trainable,
    recipe,
    epochs: asked.epochs ?? (recipe === "contrast" ? 1 : 10),
    batchSize: asked.batchSize ?? 16,
    learningRate: asked.learningRate ?? defaultRate(recipe, trainable),
    interpolation: asked.interpolation ?? 1,
    margin: asked.margin ?? (recipe === "contrast" ? 0 : 1),
  };
}

/** Few new numbers take larger steps than a whole pretrained network. */
function defaultRate(recipe: FineTuneRecipe, { kind }: TrainableSet): number {
  if (kind === "lora" || kind === "bias") return 5e-4;
  return recipe === "contrast" ? 2e-5 : 5e-5;
}
