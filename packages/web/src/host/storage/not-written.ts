import { OutputError } from "@engraft/tasks/errors";

/** The error where something could not be written. @param name - What it is called in the message. */
export function notWritten(name: string, cause: unknown): OutputError {
  return cause instanceof Error
    ? new OutputError(name, cause.message, cause.name, cause)
    : new OutputError(name, String(cause), "Error", cause);
}
