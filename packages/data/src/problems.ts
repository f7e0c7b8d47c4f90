import { DataError } from "@engraft/core/errors";

/** The error for a file or folder that cannot be read at all, or from some line on. */
export function unreadable(where: string, what: string, cause?: unknown): DataError {
  const problems = [{ where, what }];
  return new DataError("data/unreadable", `${where}: ${what}.`, { problems, cause });
}
