import type { Readable } from "node:stream";
import type { ProblemDetail } from "@engraft/client";
import type { Modality } from "@engraft/core";
import type { SelectiveOptions } from "@engraft/tasks/predict";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { excerpt } from "./excerpt.js";
import { readImage } from "./images.js";
import { isMultipart, readFiles } from "./multipart.js";
import type { ServerOptions } from "./options.js";
import { Refusal } from "./problems.js";
import type { ImageQueue } from "./queue/image-queue.js";
import type { PricedInput } from "./queue/lane.js";
import { selectiveSchema, textsBody } from "./schemas.js";

/** How many of the things that are wrong with a request it is told. */
const LISTED = 20;

/** Reads the inputs of a request: texts from JSON, images from an upload of files. */
export type ReadInputs = (request: FastifyRequest, modality: Modality) => Promise<PricedInput[]>;

/**
 * Makes the reader for what a server accepts. It throws a Refusal for everything else.
 *
 * @param images - Tells how much an image may cost.
 */
export function inputReader(
  options: ServerOptions,
  images: Pick<ImageQueue, "maxCost">,
): ReadInputs {
  const schema = textsBody(options);

  function readTexts({ body }: FastifyRequest): PricedInput[] {
    const { data, error } = schema.safeParse(body);
    if (data) return data.inputs.map(textInput);
    throw invalid(
      'The body is not as expected: {"inputs": ["a text", "another"]}. See errors.',
      error,
      "body",
    );
  }

  async function readImages(request: FastifyRequest): Promise<PricedInput[]> {
    const { "content-type": contentType = "" } = request.headers;
    const files = await readFiles(request.body as Readable, contentType, options);
    if (files.length === 0) {
      throw new Refusal("request/invalid", "The upload has no files; expected images.");
    }
    const limits = { maxPixels: options.maxImagePixels, maxCost: images.maxCost };
    const read: PricedInput[] = [];
    const errors: ProblemDetail[] = [];
    // One after another: a header is soon read, and a request must not take all threads of libuv.
    for (const [index, file] of files.entries()) {
      const image = await readImage(file, limits);
      if (typeof image === "string") errors.push({ where: `inputs.${index}`, what: image });
      else read.push(image);
    }
    if (errors.length === 0) return read;
    throw new Refusal("input/unreadable", "Some inputs are not images; see errors.", {
      errors: errors.slice(0, LISTED),
    });
  }

  return async (request, modality) => {
    requireMediaType(request, modality);
    return modality === "text" ? readTexts(request) : readImages(request);
  };
}

/** Units of a text that take as long as one more short text: tokenizers read it all. */
const UNITS_PER_COST = 1000;

function textInput(text: string): PricedInput {
  return { input: { kind: "text", text }, cost: 1 + text.length / UNITS_PER_COST };
}

/**
 * Reads how careful a request asks the answers to be.
 *
 * @throws Refusal when its query says anything else.
 */
export function readSelective({ query }: FastifyRequest): SelectiveOptions {
  const { data, error } = selectiveSchema.safeParse(query);
  if (data) return data;
  throw invalid("The query may ask for maxError and coverage. See errors.", error, "query");
}

/** @param whole - What to call a problem of no single field. */
function invalid(detail: string, { issues }: z.ZodError, whole: string): Refusal {
  const errors = issues
    .slice(0, LISTED)
    .map(({ path, message }) => ({ where: path.join(".") || whole, what: excerpt(message) }));
  return new Refusal("request/invalid", detail, { errors });
}

function requireMediaType(request: FastifyRequest, modality: Modality): void {
  if (isMultipart(request.headers["content-type"]) === (modality === "image")) return;
  throw new Refusal(
    "request/media-type",
    modality === "image"
      ? "This task works on images: send files as multipart/form-data."
      : 'This task works on texts: send {"inputs": [...]} as application/json.',
  );
}
