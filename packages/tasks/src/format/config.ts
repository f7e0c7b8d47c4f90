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
  /** Seed of every random choice: folds and resampling. Default 0. */
  readonly seed: number;
}

/** A configuration in which anything may be left out. */
export type TrainConfigInput = {
  readonly [K in keyof TrainConfig as Exclude<K, "fineTune">]?: TrainConfig[K] | undefined;
} & { readonly fineTune?: FineTuneInput | undefined };

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
  seed: z.int().min(0).max(0xffff_ffff).default(0),
});
