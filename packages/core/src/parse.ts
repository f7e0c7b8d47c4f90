/** What comes from outside is parsed here: JSON, and values that a schema describes. */

import type { z } from "zod";

/**
 * The value of a JSON text, given as a string or as UTF-8.
 *
 * @param refuse - Makes the error where it is not JSON. Default: the value is `undefined` then.
 */
export function parseJson(
  source: Uint8Array | string,
  refuse?: (cause: unknown) => Error,
): unknown {
  try {
    return JSON.parse(typeof source === "string" ? source : new TextDecoder().decode(source));
  } catch (cause) {
    if (refuse === undefined) return undefined;
    throw refuse(cause);
  }
}

/**
 * A value as a schema describes it, with the defaults filled in.
 *
 * @param refuse - Makes the error where it is none, from the place of the first thing that is wrong
 *   (`layers.0.units`, or `its root`) and what is wrong there.
 */
export function parseOr<T>(
  schema: z.ZodType<T>,
  value: unknown,
  refuse: (place: string, message: string) => Error,
): T {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const [issue] = error.issues;
  throw refuse(placeOf(issue?.path ?? []), issue?.message ?? error.message);
}

/** Where an issue of a schema is, for messages. */
export function placeOf(path: readonly PropertyKey[]): string {
  return path.join(".") || "its root";
}
