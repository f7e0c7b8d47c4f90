import type { ErrorClass } from "../../error-classes.js";
import { isObject } from "./is-object.js";

/**
 * The classes that errors keep when they cross threads, beside those of the language, by a name that
 * both sides know: `errorClasses`, and those of the home. Both sides have the same.
 */
export type ErrorClasses = ReadonlyMap<string, ErrorClass>;

/** The error classes of the language. */
const BUILT_IN: ErrorClasses = new Map<string, ErrorClass>([
  ["EvalError", EvalError],
  ["RangeError", RangeError],
  ["ReferenceError", ReferenceError],
  ["SyntaxError", SyntaxError],
  ["TypeError", TypeError],
  ["URIError", URIError],
]);

/** An error in a form that crosses threads with all that it says. */
export interface SentError {
  /** Key of its class; undefined for a plain `Error`. */
  readonly type: string | undefined;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its own fields: the code and the facts. */
  readonly fields: ReadonlyMap<string, unknown>;
  readonly cause: SentCause | undefined;
}

type SentCause = { readonly error: SentError } | { readonly value: unknown };

/** Causes of causes that are told; chains are short, and a cause may be its own. */
const LONGEST_CHAIN = 8;

/** @param classes - Of an error of none of these the nearest class above is kept. */
export function encodeError(error: unknown, classes: ErrorClasses): SentError {
  return encode(error, classes, LONGEST_CHAIN);
}

/** Makes an error anew: of its class, with its fields, cause and stack. */
export function decodeError(sent: SentError, classes: ErrorClasses): Error {
  const { type, name, message, stack, fields, cause } = sent;
  const error = new Error(message, cause && { cause: decodeCause(cause, classes) });
  const found = type === undefined ? undefined : (classes.get(type) ?? BUILT_IN.get(type));
  if (found !== undefined) Object.setPrototypeOf(error, found.prototype);
  for (const [field, value] of fields) define(error, field, value, true);
  if (error.name !== name) define(error, "name", name, false);
  if (stack !== undefined) define(error, "stack", stack, false);
  return error;
}

/** Whether a value that has arrived is an error. */
export function isSentError(value: unknown): value is SentError {
  if (!isObject(value)) return false;
  const { type, name, message, stack, fields, cause } = value;
  return (
    isStringOrNone(type) &&
    typeof name === "string" &&
    typeof message === "string" &&
    isStringOrNone(stack) &&
    fields instanceof Map &&
    (cause === undefined ||
      (isObject(cause) && ("error" in cause ? isSentError(cause.error) : "value" in cause)))
  );
}

function encode(error: unknown, classes: ErrorClasses, depth: number): SentError {
  if (!(error instanceof Error)) {
    const message = String(error);
    return { ...NOTHING, name: "Error", message };
  }
  const { name, message, stack, cause } = error;
  const fields = new Map<string, unknown>();
  for (const [field, value] of Object.entries(error)) {
    if (!PARTS.has(field) && isCloneable(value)) fields.set(field, value);
  }
  return {
    type: typeOf(error, classes),
    name,
    message,
    stack,
    fields,
    cause: cause === undefined || depth === 0 ? undefined : encodeCause(cause, classes, depth - 1),
  };
}

const NOTHING = { type: undefined, stack: undefined, fields: new Map(), cause: undefined };

/** What is sent beside the fields. */
const PARTS: ReadonlySet<string> = new Set(["message", "stack", "cause"]);

function encodeCause(cause: unknown, classes: ErrorClasses, depth: number): SentCause {
  if (cause instanceof Error) return { error: encode(cause, classes, depth) };
  return { value: isCloneable(cause) ? cause : String(cause) };
}

function decodeCause(cause: SentCause, classes: ErrorClasses): unknown {
  return "error" in cause ? decodeError(cause.error, classes) : cause.value;
}

/** The key of the class of an error, or of the nearest class above it that has one. */
function typeOf(error: Error, classes: ErrorClasses): string | undefined {
  const keys = new Map<unknown, string>();
  for (const [key, { prototype }] of [...BUILT_IN, ...classes]) keys.set(prototype, key);
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const key = keys.get(at);
    if (key !== undefined) return key;
  }
  return undefined;
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** As assigning does, but for fields that the prototype has as getters, and for `__proto__`. */
function define(error: Error, field: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, field, { value, enumerable, configurable: true, writable: true });
}

function isStringOrNone(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
