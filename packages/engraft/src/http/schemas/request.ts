import type { PredictRequestOptions, RequestOptions } from "@engraft/client";
import { z } from "zod";
import type { HttpOptions } from "../options.js";
import { type FieldsOf, wire } from "./wire.js";

/** A body with texts. */
export interface TextsBody {
  readonly inputs: readonly string[];
}

/** A body with files: the bytes of each. */
export interface ImagesBody {
  readonly inputs: readonly Uint8Array[];
}

/** Schema of a body with texts, as large as a server accepts. */
export function textsBody({
  maxInputs,
  maxText,
}: Pick<HttpOptions, "maxInputs" | "maxText">): z.ZodType<TextsBody> {
  const text = z
    .string({ error: "expected a text" })
    .max(maxText, `longer than ${maxText} characters`)
    .regex(/\S/, "the text is empty");
  return z
    .strictObject({
      inputs: z
        .array(text, { error: "expected a list of texts" })
        .min(1, "there are no inputs")
        .max(maxInputs, `more than ${maxInputs} inputs`),
    })
    .register(wire, {
      description: "Texts, none of them empty.",
      examples: [{ inputs: ["Win a free cruise!!!", "See you at ten."] }],
    });
}

/** Schema of an upload of files, once it is parsed. */
export function imagesBody({ maxInputs }: Pick<HttpOptions, "maxInputs">): z.ZodType<ImagesBody> {
  const file = z
    .instanceof(Uint8Array)
    .register(wire, { type: "string", contentMediaType: "application/octet-stream" });
  return z
    .strictObject({
      inputs: z
        .array(file)
        .min(1, "the upload has no files; expected images")
        .max(maxInputs, `more than ${maxInputs} files`),
    })
    .register(wire, {
      description: "Files: JPEG, PNG, WebP, GIF, AVIF or TIFF. Fields may have any name.",
    });
}

/** Name of a task in an address. */
export const taskName: z.ZodType<string> = z.string().register(wire, {
  description: "Name of a task, as GET /v1/tasks lists it.",
  examples: ["spam"],
});

const proportion = (meta: { description: string; examples: readonly number[] }) =>
  z.coerce.number().gt(0).lt(1).register(wire, meta).optional();

/** What a request asks for beside its inputs. */
export type Query = Omit<PredictRequestOptions, keyof RequestOptions>;

/** Schema of the query of a request for predictions. */
export const query: z.ZodType<Query, Record<string, unknown>> = z.strictObject({
  maxErrorRate: proportion({
    description: "Accept predictions only where so few of the accepted ones are wrong, as 0.02.",
    examples: [0.02],
  }),
  confidence: proportion({
    description: "Give the set of labels that holds the right one so often, as 0.95.",
    examples: [0.95],
  }),
  topK: z.coerce
    .number()
    .int()
    .min(1)
    .register(wire, {
      description: "Give so many of the most probable labels, best first.",
      examples: [3],
    })
    .optional(),
} satisfies FieldsOf<Query>);
