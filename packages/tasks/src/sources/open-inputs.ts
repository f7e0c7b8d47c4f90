import type { DataProblem, Dataset, Input, Modality } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { Host } from "../host.js";
import type { NamedInput, ReadInputsOptions, UnlabelledRow, UnlabelledSource } from "./source.js";

/** Unlabelled inputs in constant memory and in order, or the problem of what cannot be read. */
export function openInputs(
  source: UnlabelledSource,
  { data }: Pick<Host, "data">,
  options: ReadInputsOptions,
): AsyncIterable<NamedInput | DataProblem> {
  if (typeof source === "string") return data.inputs(source, options);
  if (isIterable<UnlabelledRow>(source)) return namedInputs(source, data, options);
  throw new UsageError(
    "Inputs are a place, or a list or stream of inputs; something else is given.",
  );
}

async function* namedInputs(
  rows: Iterable<UnlabelledRow> | AsyncIterable<UnlabelledRow>,
  data: Host["data"],
  { modality, maxImagePixels, signal }: ReadInputsOptions,
): AsyncGenerator<NamedInput | DataProblem> {
  let number = 0;
  for await (const row of rows) {
    signal?.throwIfAborted();
    number += 1;
    if (isProblem(row)) {
      yield row;
      continue;
    }
    const kind = modality ?? kindOfRow(row);
    const input = rawInput(row, number, kind, data, maxImagePixels);
    // One that was read before may have a label, too.
    yield isNamedInput(row) ? row : { source: nameOfInput(row, number), input };
  }
}

/** What messages call an input. @param number - Which one it is, from 1. */
export function nameOfInput(given: unknown, number: number): string {
  if (typeof given === "string") return given;
  return isNamedInput(given) ? given.source : `input ${number}`;
}

function kindOfRow(row: string | Uint8Array | NamedInput): Modality {
  if (isNamedInput(row)) return row.input.kind;
  return typeof row === "string" ? "text" : "image";
}

/** @throws UsageError when an input is a text for a task on images, or the other way round. */
function requireKind({ kind }: Input, number: number, modality: Modality): void {
  if (kind === modality) return;
  const [given, expected] = kind === "text" ? ["a text", "an image"] : ["an image", "a text"];
  throw new UsageError(`Input ${number} is ${given}; expected ${expected}.`);
}

/** Whether something is an input that was read before, or is read when it is needed. */
function isNamedInput(given: unknown): given is NamedInput {
  if (typeof given !== "object" || given === null || !("input" in given)) return false;
  const { input } = given;
  return typeof input === "object" && input !== null && "kind" in input;
}

/** Whether a row is the problem that was found instead of an input. */
function isProblem(row: UnlabelledRow): row is DataProblem {
  return typeof row === "object" && row !== null && "what" in row;
}

/**
 * A text, the content or place of an image, or an input that was read before, as the model reads it.
 *
 * @param number - Which input it is, from 1.
 * @throws UsageError when it is something else: programs without types give anything.
 */
export function rawInput(
  given: unknown,
  number: number,
  modality: Modality,
  data: Pick<Host["data"], "image">,
  maxImagePixels: number | undefined,
): Input {
  if (isNamedInput(given)) {
    requireKind(given.input, number, modality);
    return given.input;
  }
  if (modality === "image") {
    if (typeof given === "string" || given instanceof Uint8Array) {
      return data.image(given, maxImagePixels);
    }
    throw wrongInput(given, number, "the content of an image (Uint8Array) or its place (string)");
  }
  if (typeof given !== "string") throw wrongInput(given, number, "a text (string)");
  return { kind: "text", text: given };
}

function wrongInput(given: unknown, number: number, expected: string): UsageError {
  return new UsageError(`Input ${number} is ${kindOf(given)}; expected ${expected}.`);
}

/** What a value is, with its article. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object") return `a ${typeof value}`;
  const { name } = value.constructor ?? {};
  return name === undefined || name === "Object" ? "an object" : `an object of class ${name}`;
}

/**
 * @param subject - What reads the data, for the message: `Task mails.engraft`.
 * @param advice - What to do instead, as a sentence.
 * @throws UsageError when it reads texts and the data is images, or the other way round.
 */
export function requireModality(
  subject: string,
  modality: Modality,
  dataset: Pick<Dataset, "modality">,
  advice?: string,
): void {
  if (modality === dataset.modality) return;
  const names = { text: "texts", image: "images" };
  const what = `${subject} reads ${names[modality]}, and the data is ${names[dataset.modality]}.`;
  throw new UsageError(advice === undefined ? what : `${what} ${advice}`);
}

/** Whether something is a list or stream. */
export function isIterable<T>(source: unknown): source is Iterable<T> | AsyncIterable<T> {
  if (typeof source !== "object" || source === null) return false;
  return Symbol.iterator in source || Symbol.asyncIterator in source;
}
