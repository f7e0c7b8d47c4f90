import { NumberLiteral } from "./number-literal.js";

/** A value of a data file that is neither text, number nor truth value. */
export class Unusable {
  /** What it is, with its article: `a date or time`. */
  readonly kind: string;

  constructor(kind: string) {
    this.kind = kind;
  }
}

/** A value that can be used, or why not. */
export type Checked<T> =
  | { readonly value: T }
  | {
      readonly problem: string;
      /** Nothing is there, as opposed to something that cannot be used. */
      readonly isAbsent?: boolean;
    };

/** Checks a text: a string that is not blank and has at most `maxBytes` bytes as UTF-8. */
export function checkText(value: unknown, maxBytes: number): Checked<string> {
  if (value === null || value === undefined) return { problem: "the text is missing" };
  if (typeof value !== "string") {
    return { problem: `the text is ${kindOf(value)} where a string was expected` };
  }
  if (value.trim() === "") return { problem: "the text is empty" };
  // A UTF-16 unit is at most three bytes of UTF-8.
  const bytes = value.length * 3 > maxBytes ? utf8Length(value) : 0;
  if (bytes > maxBytes) return { problem: tooManyBytes(bytes, maxBytes) };
  return { value };
}

/** What is wrong with a text that is too long. */
export function tooManyBytes(bytes: number, maxBytes: number): string {
  const limit = `the limit is ${megabytes(maxBytes)} (option maxTextBytes of the library)`;
  return `the text has ${megabytes(bytes)}; ${limit}`;
}

/**
 * Turns the value of a label column into a label: strings are trimmed and NFC-normalised, numbers
 * and booleans are written as JSON writes them, and numbers that a double cannot hold as they stand.
 */
export function checkLabel(value: unknown): Checked<string> {
  if (typeof value === "string") {
    const label = value.trim().normalize("NFC");
    return label === "" ? { problem: "the label is empty", isAbsent: true } : { value: label };
  }
  const isMissing = value === null || value === undefined || Number.isNaN(value);
  if (isMissing) return { problem: "the label is missing", isAbsent: true };
  if (value instanceof NumberLiteral) return { value: value.text };
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    return { value: String(value) };
  }
  return { problem: `the label is ${kindOf(value)} where one string was expected` };
}

/** As {@link checkLabel}, where a row need not have a label. */
export function checkOptionalLabel(value: unknown): Checked<string | undefined> {
  const label = checkLabel(value);
  return "isAbsent" in label && label.isAbsent ? { value: undefined } : label;
}

/** What a value is, with its article, for messages. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof NumberLiteral) return "a number";
  if (value instanceof Unusable) return value.kind;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Bytes of a text as UTF-8, counted rather than made: the text may be long. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Two surrogates, which stand for four bytes, count two each.
    const isPaired = unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1));
    if (isPaired) i += 1;
    bytes += unit < 0x800 ? 1 : 2;
  }
  return bytes;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function megabytes(bytes: number): string {
  return `${Number((bytes / 1e6).toPrecision(3))} MB`;
}
