import { z } from "zod";
import { UsageError } from "../errors.js";
import { parseJson, parseOr } from "../parse.js";

/** How a base model wants its images: the steps run in the order of the fields. */
export interface ImagePreprocessing {
  readonly kind: "image";
  readonly resize: {
    /**
     * `shorter-side`: the shorter side becomes `size`, the longer follows (torchvision's `Resize(size)`).
     * `exact`: both sides become `size`, whatever the proportions.
     * `letterbox`: fits inside `size` x `size` and pads with `fill`.
     */
    readonly mode: "shorter-side" | "exact" | "letterbox";
    readonly size: number;
    readonly filter: "bilinear" | "bicubic";
    /** RGB of the padding of `letterbox`, 0 to 255. */
    readonly fill?: readonly [number, number, number] | undefined;
  };
  /** Side of the square cut from the centre; left out where `resize` gives the final size. */
  readonly centerCrop?: number | undefined;
  /** `(pixel - mean) / std` per RGB channel, on the scale 0 to 255. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly layout: "nchw" | "nhwc";
}

/** How a base model wants its texts. */
export interface TextPreprocessing {
  readonly kind: "text";
  /** File name of the tokenizer (Hugging Face `tokenizer.json`), beside the spec. */
  readonly tokenizer: string;
  /** Longer token sequences are truncated, special tokens included. */
  readonly maxTokens: number;
  readonly padTokenId: number;
  /** The most tokens that the model has positions for; `maxTokens` may be raised up to it. */
  readonly positions: number;
  /** Every text is padded to so many tokens, for a model that reads one length only. */
  readonly padTo?: number | undefined;
}

/** How inputs become the tensors that a base reads. */
export type Preprocessing = ImagePreprocessing | TextPreprocessing;

const rgb: z.ZodType<readonly [number, number, number]> = z.tuple([
  z.number(),
  z.number(),
  z.number(),
]);

/** More tokens than any model reads. */
const MAX_TOKENS = 131_072;

const preprocessingFields: z.ZodType<Preprocessing> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("image"),
    resize: z.strictObject({
      mode: z.enum(["shorter-side", "exact", "letterbox"]),
      size: z.int().min(1).max(4096),
      filter: z.enum(["bilinear", "bicubic"]),
      fill: rgb.optional(),
    }),
    centerCrop: z.int().min(1).max(4096).optional(),
    mean: rgb,
    std: rgb.refine((std) => !std.includes(0), "must not be 0"),
    layout: z.enum(["nchw", "nhwc"]),
  }),
  z.strictObject({
    kind: z.literal("text"),
    tokenizer: z.string().min(1),
    maxTokens: z.int().min(3).max(MAX_TOKENS),
    padTokenId: z.int().min(0).max(0x7fff_ffff),
    positions: z.int().min(3).max(MAX_TOKENS),
    padTo: z.int().min(3).max(MAX_TOKENS).optional(),
  }),
]);

export const preprocessingSchema: z.ZodType<Preprocessing> = preprocessingFields.superRefine(
  (given, context) => {
    if (given.kind === "image") return;
    const { maxTokens, padTo = maxTokens, positions } = given;
    for (const [name, tokens] of Object.entries({ maxTokens, padTo })) {
      if (tokens <= positions) continue;
      const message = `must not be more than positions, which is ${positions}`;
      context.addIssue({ code: "custom", path: [name], message });
    }
    if (padTo < maxTokens) {
      const message = `must not be less than maxTokens, which is ${maxTokens}`;
      context.addIssue({ code: "custom", path: ["padTo"], message });
    }
  },
);

/**
 * Parses a JSON file that describes a preprocessing.
 *
 * @param file - Its name, for messages.
 * @throws UsageError when it is not valid.
 */
export function parsePreprocessing(bytes: Uint8Array, file: string): Preprocessing {
  const json = parseJson(bytes, (cause) => new UsageError(`${file} is not JSON.`, { cause }));
  return parseOr(
    preprocessingSchema,
    json,
    (place, issue) => new UsageError(`${file} is not a preprocessing at "${place}": ${issue}.`),
  );
}
