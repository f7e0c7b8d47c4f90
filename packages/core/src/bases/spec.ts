import { z } from "zod";
import { MODALITIES, type Modality } from "../dataset/dataset.js";
import { namedValues } from "../named-values.js";
import { type Preprocessing, preprocessingSchema } from "../preprocess/spec.js";

/** A place in the base model where features can be read. */
export interface Tap {
  /** Stable name used in tasks and reports: `embeddings`, `block.3`, `features`. */
  readonly name: string;
  /** Name of the value in the ONNX graph. */
  readonly value: string;
  /**
   * Layout of the value: `tokens` is [batch, token, channel] and is pooled under the attention mask;
   * `map` is [batch, channel, height, width] and is pooled over the image; `vector` is
   * [batch, channel] and is taken as it is.
   */
  readonly kind: "tokens" | "map" | "vector";
  /** Number of channels. */
  readonly width: number;
}

/** What `spec.json` of a base model says. */
export interface BaseSpec {
  readonly schemaVersion: 1;
  /** `minilm-l6` */
  readonly id: string;
  readonly title: string;
  readonly modality: Modality;
  readonly license: string;
  /** Where the weights come from, in words and links that a reader can follow. */
  readonly source: string;
  /** Every file that a prediction depends on, by name relative to the spec. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
  /** Name of the ONNX file; a key of `files`. */
  readonly model: string;
  /**
   * Graph inputs by role. Text: `ids`, `mask`, and `types` where the model has it, all int64
   * [batch, token]. Image: `pixels`, float32.
   */
  readonly inputs: Readonly<
    Partial<Record<"ids" | "mask" | "types" | "pixels", string | undefined>>
  >;
  readonly preprocessing: Preprocessing;
  /** From the first to the last layer. The last one is what the base was trained to output. */
  readonly taps: readonly Tap[];
  /**
   * What each view of the base counts in a stack before any label is seen, by name of the view; those
   * that are not named count 1.
   */
  readonly viewShares?: Readonly<Record<string, number>> | undefined;
}

export const baseSpecSchema: z.ZodType<BaseSpec> = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string(),
  modality: z.enum(MODALITIES),
  license: z.string(),
  source: z.string(),
  files: namedValues(
    z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0) }),
  ),
  model: z.string(),
  inputs: z.strictObject({
    ids: z.string().optional(),
    mask: z.string().optional(),
    types: z.string().optional(),
    pixels: z.string().optional(),
  }),
  preprocessing: preprocessingSchema,
  taps: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        value: z.string().min(1),
        kind: z.enum(["tokens", "map", "vector"]),
        width: z.int().min(1).max(1_000_000),
      }),
    )
    .min(1),
  viewShares: namedValues(z.number().positive()).optional(),
});
