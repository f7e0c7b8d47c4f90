import type { Modality } from "@engraft/core";
import type { FastifyRequest, preValidationHookHandler } from "fastify";
import type { z } from "zod";
import { type PricedInput, textInput } from "../../serving/inputs/priced-input.js";
import type { Serving } from "../../serving/serving.js";
import type { HttpOptions } from "../options.js";
import { Refusal } from "../problems.js";
import { type ImagesBody, imagesBody, type TextsBody, textsBody } from "../schemas/request.js";

/** Media types of the bodies with inputs. */
const JSON_TYPE = "application/json";
const FORM_TYPE = "multipart/form-data";

/** The schemas of a body with inputs, by media type. */
export interface InputsBody {
  readonly content: {
    readonly [JSON_TYPE]: { readonly schema: z.ZodType<TextsBody> };
    readonly [FORM_TYPE]: { readonly schema: z.ZodType<ImagesBody> };
  };
}

/** Describes a body with inputs: texts as JSON, images as an upload of files. */
export function inputsBody(options: Pick<HttpOptions, "maxInputs" | "maxText">): InputsBody {
  return {
    content: {
      [JSON_TYPE]: { schema: textsBody(options) },
      [FORM_TYPE]: { schema: imagesBody(options) },
    },
  };
}

/** What a request sends by its media type: files are images, all else is to be texts. */
export function modalityOf({ mediaType }: Pick<FastifyRequest, "mediaType">): Modality {
  return mediaType === FORM_TYPE ? "image" : "text";
}

/** @throws Refusal `request/media-type` when a task does not work on what a request sends. */
export function requireMediaType(request: FastifyRequest, modality: Modality): void {
  if (modalityOf(request) === modality) return;
  throw new Refusal(
    "request/media-type",
    modality === "image"
      ? "This task works on images: send files as multipart/form-data."
      : 'This task works on texts: send {"inputs": [...]} as application/json.',
  );
}

/** Refuses a request without a body, which the framework does not validate. */
export const requireBody: preValidationHookHandler = ({ body }, _reply, done) => {
  if (body !== undefined) done();
  else done(new Refusal("request/invalid", 'The request has no body; send {"inputs": [...]}.'));
};

/** @throws UnreadableInputsError when a file is not an image that can be decoded here. */
export async function toInputs(
  { inputs }: TextsBody | ImagesBody,
  serving: Serving,
): Promise<PricedInput[]> {
  return isTexts(inputs) ? inputs.map(textInput) : serving.readImages(inputs);
}

function isTexts(inputs: readonly string[] | readonly Uint8Array[]): inputs is readonly string[] {
  return inputs.every((input) => typeof input === "string");
}
