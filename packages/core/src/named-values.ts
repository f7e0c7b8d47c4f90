import { z } from "zod";

/**
 * Validates an object whose keys are names that a file gives: `{ "a.onnx": ..., "b.json": ... }`. The
 * result has no prototype, so that no name has a meaning of its own.
 */
export function namedValues<T>(value: z.ZodType<T>): z.ZodType<Readonly<Record<string, T>>> {
  const isObject = (given: unknown): given is object =>
    typeof given === "object" && given !== null && !Array.isArray(given);
  return (
    z
      .custom<object>(isObject, "Invalid input: expected object")
      // z.record passes over this name without a look at its value.
      .refine((given) => !Object.hasOwn(given, "__proto__"), 'Unrecognized key: "__proto__"')
      .pipe(z.record(z.string(), value))
      .transform((given): Record<string, T> => Object.assign(Object.create(null), given))
  );
}
