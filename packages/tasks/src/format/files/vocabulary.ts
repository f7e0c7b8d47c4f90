import { IntegrityError } from "@engraft/core/errors";
import type { TfidfModel } from "@engraft/core/predict";
import { parseJson } from "@engraft/core/predict";
import { z } from "zod";
import { VOCABULARY_FILE } from "../manifest/task-files.js";

/**
 * Content of `vocabulary.json`: terms in the order of the columns, the weight of each, and whether
 * texts without spaces are cut into words, which vocabularies of version 0.1.0 do not say: they are not.
 */
const vocabularySchema = z.strictObject({
  // A schema for each element would take longer than all else that is done to load a task's files.
  terms: z.custom<readonly string[]>((value) => isListOf(value, isString)),
  idf: z.custom<readonly number[]>((value) => isListOf(value, isPositive)),
  segmented: z.literal(true).optional(),
});

function isListOf(value: unknown, isElement: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isElement);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isPositive(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) > 0;
}

/** Writes the words of a task. */
export function encodeVocabulary({ terms, idf, tokenization }: TfidfModel): Uint8Array {
  const content = {
    terms: [...terms.keys()],
    idf: [...idf],
    ...(tokenization.segmented && { segmented: true }),
  };
  return new TextEncoder().encode(`${JSON.stringify(content)}\n`);
}

/**
 * Reads the words of a task.
 *
 * @throws IntegrityError when the bytes are not a vocabulary.
 */
export function parseVocabulary(bytes: Uint8Array): TfidfModel {
  const result = vocabularySchema.safeParse(parseJson(bytes));
  const { data } = result;
  const terms = new Map(data?.terms.map((term, column) => [term, column]));
  if (
    data === undefined ||
    data.idf.length !== data.terms.length ||
    terms.size !== data.idf.length
  ) {
    throw new IntegrityError(
      "task/invalid",
      VOCABULARY_FILE,
      `${VOCABULARY_FILE} is not a list of different terms with a weight each. Train the task again.`,
    );
  }
  const tokenization = { segmented: data.segmented === true };
  return { tokenization, terms, idf: Float64Array.from(data.idf) };
}
