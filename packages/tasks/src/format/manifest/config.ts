import {
  CLASS_WEIGHTS,
  CLASSIFIER_KINDS,
  type ClassifierKind,
  type ClassWeights,
  type FineTuneInput,
  type FineTuneSettings,
  fineTuneSchema,
  VIEW_CHOICES,
  type ViewChoice,
} from "@engraft/core/predict";
import { z } from "zod";

/** An input of an ONNX file that becomes a constant, or the name of a size that becomes a number. */
export interface InputBinding {
  readonly name: string;
  /** As many as the input has elements; one for a size. */
  readonly values: readonly number[];
}

/** Texts that say what a label means. */
export interface LabelDescription {
  readonly label: string;
  readonly texts: readonly string[];
}

/**
 * Everything that decides what is trained. One object serves the library, the command line and the
 * task folder, where it is saved.
 */
export interface TrainConfig {
  /** Base model, or the path of an ONNX file; by default the shipped one for the kind of data. */
  readonly base?: string | undefined;
  /**
   * How texts or images become the inputs of an ONNX file: `imagenet`, or the path of a JSON file
   * with the words of a base's `preprocessing`.
   */
  readonly preprocess?: string | undefined;
  /** Inputs and sizes of an ONNX file that are fixed: `[{ name: "sr", values: [16000] }]`. */
  readonly bind?: readonly InputBinding[] | undefined;
  /**
   * `auto`: several views of the layers (and the words of texts), stacked. `last`: the last layer
   * alone, the classic linear probe. Default `auto`.
   */
  readonly views: ViewChoice;
  /**
   * `logistic`: L2-regularised logistic probes. `nearest-mean` and `nearest-neighbours` classify by
   * distance on the last layer. Default `logistic`.
   */
  readonly head: ClassifierKind;
  /** `balanced` makes every class count the same, however many examples it has. Default `none`. */
  readonly classWeights: ClassWeights;
  /** Texts are cut after this many tokens; by default what the base model was made for. */
  readonly maxTokens?: number | undefined;
  /**
   * Fine-tune the base too, and keep the result only if it is better out of fold (`margin` says by how
   * much). Default: the base stays frozen.
   */
  readonly fineTune?: FineTuneSettings | undefined;
  /**
   * Keep the examples in the task: their texts, or the digests of their images. Reports, new
   * examples and the search for outliers need them. Default true.
   */
  readonly keepExamples: boolean;
  /**
   * What labels of texts mean, in words: they are learned from beside the examples, where they help.
   * Labels without a description stand for themselves, by their name. Default: none.
   */
  readonly descriptions?: readonly LabelDescription[] | undefined;
  /** Seed of every random choice: folds and resampling. Default 0. */
  readonly seed: number;
}

/** A configuration in which anything may be left out. */
export type TrainConfigInput = {
  readonly [K in keyof TrainConfig as Exclude<K, "fineTune" | "descriptions">]?:
    | TrainConfig[K]
    | undefined;
} & {
  readonly fineTune?: FineTuneInput | undefined;
  readonly descriptions?: LabelDescriptions | undefined;
};

/** Descriptions of labels: a text or several for each, by label. */
export type LabelDescriptions =
  | Readonly<Record<string, string | readonly string[]>>
  | ReadonlyMap<string, string | readonly string[]>
  | readonly LabelDescription[];

/** Longer ones would not be read to their end. */
const LONGEST_DESCRIPTION = 500;
const MOST_DESCRIPTIONS = 20;

const descriptionText = z
  .string()
  .trim()
  .min(1, "a description is empty")
  .max(LONGEST_DESCRIPTION, `a description has at most ${LONGEST_DESCRIPTION} characters`);
const descriptionTexts = z.array(descriptionText).min(1).max(MOST_DESCRIPTIONS);

const descriptionsSchema: z.ZodType<readonly LabelDescription[], LabelDescriptions> = z
  .preprocess(
    (given: unknown) => listOfDescriptions(given),
    z.array(z.strictObject({ label: z.string().min(1), texts: descriptionTexts })),
  )
  .refine(
    (list) => new Set(list.map(({ label }) => label)).size === list.length,
    "each label can be described in one place; give several texts there",
  ) as z.ZodType<readonly LabelDescription[], LabelDescriptions>;

/** Descriptions in any of their forms as a list; what is none of them is left for the schema to refuse. */
function listOfDescriptions(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const entries = given instanceof Map ? [...given] : Object.entries(given);
  return entries.map(([label, texts]) => ({
    label,
    texts: typeof texts === "string" ? [texts] : texts,
  }));
}

const bindSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(1000),
      values: z.array(z.number()).min(1).max(1000),
    }),
  )
  .max(100)
  .refine(
    (bindings) => new Set(bindings.map(({ name }) => name)).size === bindings.length,
    "each name can be bound once",
  );

/** Validates a configuration and fills in the defaults. */
export const trainConfigSchema: z.ZodType<TrainConfig, TrainConfigInput> = z.strictObject({
  base: z.string().min(1).optional(),
  preprocess: z.string().min(1).optional(),
  bind: bindSchema.optional(),
  views: z.enum(VIEW_CHOICES).default("auto"),
  head: z.enum(CLASSIFIER_KINDS).default("logistic"),
  classWeights: z.enum(CLASS_WEIGHTS).default("none"),
  maxTokens: z.int().min(3).max(131_072).optional(),
  fineTune: fineTuneSchema.optional(),
  keepExamples: z.boolean().default(true),
  descriptions: descriptionsSchema.optional(),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
});
